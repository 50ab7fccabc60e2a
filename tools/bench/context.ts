/** Resources of one part of the benchmark. */
export interface BenchContext {
  /** Empty folder, which is deleted after the part. */
  readonly dir: string;
  /** Synthesized app with its bundles. */
  readonly assemblyDir: string;
  /** Date of the measurement, `YYYY-MM-DD`, and number of processors of the machine. */
  readonly measured: { readonly date: string; readonly processors: number };
  readonly note: (text: string) => void;
}

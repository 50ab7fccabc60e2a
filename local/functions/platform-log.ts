import { join } from 'node:path';

export interface Report {
  readonly requestId: string;
  readonly durationMilliseconds: number;
  /** Processor time of the function's thread. */
  readonly cpuMilliseconds: number;
  /** Processor time of the start, where this invocation was the first of its copy. */
  readonly initMilliseconds: number | undefined;
  readonly memoryMiB: number;
}

/** Returns the path of the log of a function. */
export function logFileOf(logDir: string, functionName: string): string {
  return join(logDir, `${functionName}.log`);
}

/** The lines that Lambda itself adds to a function's log for each invocation, and the processor time, which it does not. */
export function platformLines(report: Report): string {
  const { requestId, durationMilliseconds, cpuMilliseconds, initMilliseconds, memoryMiB } = report;
  const parts = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMilliseconds.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMilliseconds)} ms`,
    `Memory Size: ${memoryMiB} MB`,
    ...(initMilliseconds === undefined ? [] : [`Init Duration: ${initMilliseconds.toFixed(2)} ms`]),
    `Processor Time: ${cpuMilliseconds.toFixed(2)} ms`,
  ];
  return `START RequestId: ${requestId} Version: $LATEST\nEND RequestId: ${requestId}\n${parts.join('\t')}\n`;
}

/** The invocations of a log that were reported. */
export function readReports(log: string): Omit<Report, 'requestId'>[] {
  const lines = log.split('\n').filter((line) => line.startsWith('REPORT '));
  return lines.map((line) => {
    const milliseconds = (name: string) => new RegExp(`\\t${name}: ([\\d.]+) `).exec(line)?.[1];
    const init = milliseconds('Init Duration');
    return {
      durationMilliseconds: Number(milliseconds('Duration')),
      cpuMilliseconds: Number(milliseconds('Processor Time')),
      initMilliseconds: init === undefined ? undefined : Number(init),
      memoryMiB: Number(milliseconds('Memory Size')),
    };
  });
}

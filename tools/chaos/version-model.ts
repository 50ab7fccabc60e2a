/** The rule by which one version of each id is valid, in its simplest form, to compare the database with. */

/** An accepted row of a reading of a file. */
export interface Version {
  readonly id: string;
  /** Everything but the id, in any form that tells different contents apart. */
  readonly content: string;
  readonly uploadId: string;
  readonly line: number;
  readonly key: string;
  readonly versionId: string;
  /** Times in a form that sorts. */
  readonly receivedAt: string;
  /** Place of the reading among those of its object version. */
  readonly reading: string;
}

export interface DecisionFact {
  readonly kind: string;
  readonly key: string;
  readonly versionId: string;
  readonly lines?: readonly number[] | undefined;
  /** Key and version of the decision's object, which order decisions. */
  readonly place: string;
  readonly receivedAt: string;
}

export type Fate = 'inserted' | 'duplicate' | 'conflict' | 'retracted' | 'replaced';

/** Returns the fate of each version, by upload and line, as of a moment. Later versions and decisions are not known. */
export function judgeVersions(
  all: readonly Version[],
  decisions: readonly DecisionFact[],
  moment = '9999',
): Map<string, Fate> {
  const known = decisions.filter(({ receivedAt }) => receivedAt <= moment);
  const about = (version: Version, kind: string) =>
    known.filter(
      (decision) =>
        decision.kind === kind &&
        decision.key === version.key &&
        decision.versionId === version.versionId &&
        (decision.lines === undefined || decision.lines.includes(version.line)),
    );
  const fates = new Map<string, Fate>();
  const versions = all.filter(({ receivedAt }) => receivedAt <= moment);
  for (const rivals of Map.groupBy(versions, ({ id }) => id).values()) {
    const candidates = rivals.filter((version) => about(version, 'retract').length === 0);
    const latestOf = (version: Version) =>
      about(version, 'restate').sort((a, b) => compare(b.place, a.place))[0];
    const [valid] = candidates.sort(
      (a, b) =>
        compare(latestOf(b)?.place ?? '', latestOf(a)?.place ?? '') ||
        compare(a.receivedAt, b.receivedAt) ||
        compare(a.key, b.key) ||
        compare(a.versionId, b.versionId) ||
        a.line - b.line ||
        compare(a.reading, b.reading),
    );
    const restatedAt = valid && latestOf(valid)?.receivedAt;
    for (const version of rivals) {
      const isRestated = restatedAt !== undefined && version.receivedAt < restatedAt;
      fates.set(
        placeOf(version),
        !candidates.includes(version)
          ? 'retracted'
          : version === valid
            ? 'inserted'
            : version.content === valid!.content
              ? 'duplicate'
              : isRestated
                ? 'replaced'
                : 'conflict',
      );
    }
  }
  return fates;
}

export function placeOf({ uploadId, line }: Pick<Version, 'uploadId' | 'line'>): string {
  return `${uploadId} ${line}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

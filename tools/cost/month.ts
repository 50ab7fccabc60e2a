import { askingSweepsPerDay, awakeMinutesPerDay } from './awake.ts';
import type { Consumption, FunctionName, Usage, Work } from './consumption.ts';
import type { Inventory } from './inventory.ts';
import { ceilDiv } from './money.ts';

/** What shops drop. */
export interface Workload {
  readonly rowsPerDay: number;
  readonly filesPerDay: number;
  /** Months since the first row: what is kept grows. */
  readonly months: number;
  readonly athenaGb: number;
  readonly quicksightAuthors: number;
  readonly quicksightReaders: number;
}

/** A month is a twelfth of 365 days, 730 hours. */
const DAYS_PER_YEAR = 365n;
const MONTHS_PER_YEAR = 12n;
const HOURS_PER_MONTH = 730n;
/** Lambda gives a function with so much memory one processor (Lambda developer guide, "Configure memory"). */
const MIB_PER_PROCESSOR = 1_769n;
/** At full work a processor is four capacity units (AWS, "Aurora serverless advisory: ACU coefficient"). */
const ACU_PER_PROCESSOR = 4n;
/** Capacity follows the work with a delay, in both directions. */
const ACU_SCALING_FACTOR = 2n;
/** Awake, a database has half a unit at least. */
const LEAST_AWAKE_MILLI_ACU = 500;
/** Lambda's pollers of an idle queue: five, each asking every 20 seconds. */
const EMPTY_RECEIVES_PER_MINUTE = 15n;
/** A listing has pages of 1,000 versions, of which a sweep reads at most twice 20. */
const VERSIONS_PER_PAGE = 1_000n;
const MOST_PAGES = 20n;
/** Of a page that the sweeper gives to the database: about 200 bytes a version, and the Data API counts by 32 KB. */
const DATA_API_REQUESTS_PER_PAGE = 7n;
/** SQS asks for a key again after an hour (lib/stage-queue.ts): twice for each producer, once for a consumer. */
const KEY_REQUESTS_PER_QUEUE_AND_HOUR = 3n;
/** One of S3 when an object is put, one when it is read. */
const KEY_REQUESTS_PER_FILE = 2n;
/** Each of the first two yearly rotations of a key costs as much as the key. */
const MOST_ROTATIONS_BILLED = 2;

/** How much of everything a month takes. */
export class Month {
  #workload: Workload;
  #inventory: Inventory;
  #consumption: Consumption;

  constructor(workload: Workload, inventory: Inventory, consumption: Consumption) {
    this.#workload = workload;
    this.#inventory = inventory;
    this.#consumption = consumption;
  }

  get files(): bigint {
    return perMonth(this.#workload.filesPerDay);
  }

  get sweeps(): bigint {
    return ceilDiv(HOURS_PER_MONTH * 60n, BigInt(this.#inventory.settings.sweepEveryMinutes));
  }

  get verifications(): bigint {
    return ceilDiv(HOURS_PER_MONTH, BigInt(this.#inventory.settings.verifyEveryHours));
  }

  /** What rows and files take of something that was measured. */
  used(name: Exclude<keyof Usage, 'parse' | 'load'>): bigint {
    return this.#forRowsAndFiles((usage) => usage[name]);
  }

  get bucketBytes(): bigint {
    return this.used('uploadedBytes') * BigInt(this.#workload.months);
  }

  get databaseBytes(): bigint {
    return this.databaseBytesAt(this.#workload.months);
  }

  databaseBytesAt(months: number): bigint {
    return BigInt(this.#consumption.emptyDatabaseBytes) + this.used('databaseBytes') * BigInt(months);
  }

  get #versions(): bigint {
    return this.files * BigInt(this.#workload.months);
  }

  get #pagesPerSweep(): bigint {
    const pages = max(1n, ceilDiv(this.#versions, VERSIONS_PER_PAGE));
    return pages > MOST_PAGES ? MOST_PAGES : pages;
  }

  get listedPages(): bigint {
    const isWhole = this.#versions <= MOST_PAGES * VERSIONS_PER_PAGE;
    // What does not fit into one listing is listed from the beginning, and from where the last one ended.
    return this.sweeps * this.#pagesPerSweep * (isWhole ? 1n : 2n);
  }

  get #askingSweeps(): bigint {
    const { filesPerDay } = this.#workload;
    return perMonth(askingSweepsPerDay(this.#inventory.settings, filesPerDay, Number(this.#versions)));
  }

  /** A sweep asks for its place and for what is unfinished, and notes each page; a check asks three times. */
  get dataApiCalls(): bigint {
    const bySweeps = this.#askingSweeps * (this.#pagesPerSweep + 2n);
    return this.used('dataApiCalls') + bySweeps + this.verifications * 3n;
  }

  get dataApiRequests(): bigint {
    const bySweeps = this.#askingSweeps * (this.#pagesPerSweep * DATA_API_REQUESTS_PER_PAGE + 2n);
    return this.used('dataApiRequests') + bySweeps + this.verifications * 3n;
  }

  get emptyReceives(): bigint {
    return BigInt(this.#inventory.polledQueues) * EMPTY_RECEIVES_PER_MINUTE * HOURS_PER_MONTH * 60n;
  }

  get invocations(): bigint {
    const byMessages = this.#forRowsAndFiles(({ parse, load }) => {
      return parse.invocations + load.invocations;
    });
    return byMessages + this.sweeps + this.verifications;
  }

  get lambdaMibMilliseconds(): bigint {
    const { perSweep, perVerification } = this.#consumption;
    return (
      this.#forRowsAndFiles(({ parse }) => this.#mibMilliseconds('parse', parse)) +
      this.#forRowsAndFiles(({ load }) => this.#mibMilliseconds('load', load)) +
      // As if every file, and every call of a schedule, found no function that is up.
      this.files * (this.#start('parse') + this.#start('load')) +
      this.sweeps * (BigInt(this.#mibMilliseconds('sweep', perSweep.work)) + this.#start('sweep')) +
      this.verifications *
        (BigInt(this.#mibMilliseconds('verify', perVerification.work)) + this.#start('verify'))
    );
  }

  get awakeMilliAcuSeconds(): bigint {
    const { settings } = this.#inventory;
    const minutes = awakeMinutesPerDay(settings, this.#workload.filesPerDay, Number(this.#versions));
    const milliAcu = Math.max(settings.databaseMinAcu * 1_000, LEAST_AWAKE_MILLI_ACU);
    return perMonth(minutes * 60 * milliAcu);
  }

  /** As if the database worked all the time for which the consumer waited for it. */
  get loadingMilliAcuSeconds(): bigint {
    const milliseconds = this.#forRowsAndFiles(({ load }) => load.waitMilliseconds);
    return milliseconds * ACU_PER_PROCESSOR * ACU_SCALING_FACTOR;
  }

  get logBytes(): bigint {
    const { perSweep, perVerification } = this.#consumption;
    return (
      this.used('logBytes') +
      this.sweeps * BigInt(perSweep.logBytes) +
      this.verifications * BigInt(perVerification.logBytes)
    );
  }

  get keptLogBytes(): bigint {
    const { logRetentionDays } = this.#inventory.settings;
    const kept = ceilDiv(this.logBytes * BigInt(logRetentionDays) * MONTHS_PER_YEAR, DAYS_PER_YEAR);
    const all = this.logBytes * BigInt(this.#workload.months);
    return kept < all ? kept : all;
  }

  /** A metric is billed for the hours that have a value: as if each file came in an hour of its own. */
  get metricHours(): bigint {
    const { metrics } = this.#consumption;
    const { sweepEveryMinutes, verifyEveryHours } = this.#inventory.settings;
    const hours = (timesPerDay: number) => perMonth(Math.min(24, Math.ceil(timesPerDay)));
    return (
      BigInt(metrics.parse + metrics.load) * hours(this.#workload.filesPerDay) +
      BigInt(metrics.sweep) * hours(1_440 / sweepEveryMinutes) +
      BigInt(metrics.verify) * hours(24 / verifyEveryHours)
    );
  }

  get billedKeys(): bigint {
    const rotations = Math.min(MOST_ROTATIONS_BILLED, Math.floor(this.#workload.months / 12));
    return BigInt(this.#inventory.keys) * BigInt(1 + rotations);
  }

  get keyRequests(): bigint {
    if (this.#inventory.keys === 0) return 0n;
    const byQueues =
      BigInt(this.#inventory.queuesWithKey) * KEY_REQUESTS_PER_QUEUE_AND_HOUR * HOURS_PER_MONTH;
    return byQueues + this.files * KEY_REQUESTS_PER_FILE + this.dataApiCalls;
  }

  #forRowsAndFiles(measured: (usage: Usage) => number): bigint {
    const { perMillionRows, perFile } = this.#consumption;
    const byRows = ceilDiv(
      perMonth(this.#workload.rowsPerDay) * BigInt(measured(perMillionRows)),
      1_000_000n,
    );
    return byRows + this.files * BigInt(measured(perFile));
  }

  /** With less memory than a processor's, its work takes longer; what it waits for does not. */
  #mibMilliseconds(name: FunctionName, { cpuMilliseconds, waitMilliseconds }: Work): number {
    const memory = BigInt(this.#inventory.functionMemoryMiB[name]);
    return Number(
      memoryTime(memory, BigInt(Math.ceil(cpuMilliseconds)), BigInt(Math.ceil(waitMilliseconds))),
    );
  }

  #start(name: FunctionName): bigint {
    const memory = BigInt(this.#inventory.functionMemoryMiB[name]);
    return memoryTime(memory, BigInt(this.#consumption.startMilliseconds[name]), 0n);
  }
}

/** Memory times milliseconds on Lambda, of work that took so long on a whole processor. */
export function memoryTime(memoryMiB: bigint, cpuMilliseconds: bigint, waitMilliseconds: bigint): bigint {
  const working =
    memoryMiB >= MIB_PER_PROCESSOR ? cpuMilliseconds * memoryMiB : cpuMilliseconds * MIB_PER_PROCESSOR;
  return working + waitMilliseconds * memoryMiB;
}

function perMonth(perDay: number): bigint {
  return ceilDiv(BigInt(Math.ceil(perDay)) * DAYS_PER_YEAR, MONTHS_PER_YEAR);
}

export function max(one: bigint, two: bigint): bigint {
  return one > two ? one : two;
}

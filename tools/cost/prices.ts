import { readFileSync } from 'node:fs';
import type { Unit } from './money.ts';

/** A price on AWS's list, with where it is from. */
export interface Price {
  readonly usd: string;
  readonly per: Unit;
  /** What else is to be known: above all, that no source could confirm it. */
  readonly note?: string;
  readonly source: string;
  /** The day of the source. */
  readonly date: string;
}

export type PriceName =
  | 's3Storage'
  | 's3Writes'
  | 's3Reads'
  | 'sqsRequests'
  | 'lambdaDuration'
  | 'lambdaRequests'
  | 'dataApiRequests'
  | 'auroraCapacity'
  | 'auroraStorage'
  | 'auroraIo'
  | 'logsIngested'
  | 'logsStored'
  | 'customMetrics'
  | 'alarms'
  | 'compositeAlarms'
  | 'dashboards'
  | 'kmsKeys'
  | 'kmsRequests'
  | 'secrets'
  | 'secretRequests'
  | 'backupOfS3'
  | 'backupOfAurora'
  | 'events'
  | 'emails'
  | 'traces'
  | 'athenaScans'
  | 'quicksightAuthors'
  | 'quicksightReaders';

export interface PriceTable {
  readonly region: string;
  readonly prices: Readonly<Record<PriceName, Price>>;
}

export function readPrices(): PriceTable {
  return JSON.parse(readFileSync(new URL('./prices.json', import.meta.url), 'utf8')) as PriceTable;
}

import type { Profile } from './profile.ts';
import type { Failure } from './reject-codes.ts';
import type { Upload } from './row-batch.ts';

/** A tax on the rows of some days and products. A row is right if one of the taxes on it fits. */
export interface TaxRate {
  readonly name: string;
  /** A number from 0 to 1000 with at most two decimals, such as `5.5`. */
  readonly percent: string;
  /** First transaction date, `YYYY-MM-DD`. @default every date up to `until` */
  readonly from?: string;
  /** Last transaction date, `YYYY-MM-DD`. @default every date from `from` */
  readonly until?: string;
  /** Names of the products, in any case; `*` is any text. @default every product */
  readonly products?: readonly string[];
  /** Categories of the rows. @default both */
  readonly categories?: readonly ('SELL' | 'BUY')[];
}

/** Everything that judges a file of one store, as JSON. The object's bytes and these rules decide its rows. */
export interface Rules {
  /** The taxes of the store. */
  readonly taxes: readonly TaxRate[];
  /** Cents by which the amount including tax may differ from the computed one. */
  readonly taxToleranceCents: number;
  readonly returns: 'accept' | 'reject';
  /** Order of day and month in dates such as 03/04/2025. */
  readonly dateOrder: 'dmy' | 'mdy';
  /** Treatment of columns without a meaning. */
  readonly unknownColumns: 'ignore' | 'refuse';
  /** Earliest plausible transaction date, `YYYY-MM-DD`. */
  readonly earliestDate?: string;
  /** Days by which a transaction date may follow the day on which the file was received. */
  readonly maxDaysAhead?: number;
  /** Days after which a day is closed to decisions. @default days are never closed */
  readonly closeAfterDays?: number;
  /** False for a store that no setting names: its files are refused. */
  readonly isKnownStore: boolean;
  readonly profile?: Profile;
}

/** The rules of all stores, as the settings and profiles give them. Functions read it from their asset. */
export interface RulesDocument {
  readonly rules: Omit<Rules, 'taxes' | 'returns' | 'isKnownStore' | 'profile'>;
  /** Each tax with the stores that have it. @default every store */
  readonly taxes: readonly (TaxRate & { readonly stores?: readonly string[] })[];
  /** Treatment of returns by store; `*` is every other store. */
  readonly returns: { readonly '*': Rules['returns'] } & Readonly<Record<string, Rules['returns']>>;
  readonly profiles: readonly { readonly stores: readonly string[]; readonly profile: Profile }[];
  /** @default the store of every file is known */
  readonly knownStores?: readonly string[];
}

/** Returns the rules of a store. */
export function rulesFor(
  { rules, taxes, returns, profiles, knownStores }: RulesDocument,
  store: string,
): Rules {
  const profile = profiles.find(({ stores }) => stores.includes(store))?.profile;
  return {
    taxes: taxes.filter(({ stores }) => stores?.includes(store) ?? true).map(({ stores, ...tax }) => tax),
    returns: Object.hasOwn(returns, store) ? returns[store]! : returns['*'],
    ...rules,
    isKnownStore: knownStores?.includes(store) ?? true,
    ...(profile && { profile }),
  };
}

/** Finds the reason to refuse an object of a store that no setting names, such as a mistyped one. */
export function findStoreFault(
  { storeId }: Pick<Upload, 'storeId'>,
  { isKnownStore }: Rules,
): Failure | undefined {
  if (isKnownStore) return undefined;
  const message =
    `The setting retail:stores does not have the store "${storeId}". If the name is wrong, move the file: "retail move UPLOAD ` +
    '--to-store STORE --reason TEXT". If it is right, add the store to the setting, deploy (or start "retail up" again), and run "retail replay KEY".';
  return { code: 'store-unknown', message };
}

/** The rules of `cdk.json`, for tests and tools. */
export const DEFAULT_RULES: Rules = {
  taxes: [{ name: 'standard', percent: '20' }],
  taxToleranceCents: 0,
  returns: 'accept',
  dateOrder: 'dmy',
  unknownColumns: 'ignore',
  isKnownStore: true,
};

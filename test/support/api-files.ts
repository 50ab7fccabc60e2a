import type pg from 'pg';
import { ApiOnDatabase } from './api-ledger.ts';
import { loadFile, uuid } from './batches.ts';
import type { TestDatabase } from './test-database.ts';

export const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax,transaction_date';

/** Loaded in this order: a return, a duplicate, a conflict with another store, and rejected rows. */
const FILES: Record<string, readonly string[]> = {
  'incoming/store=oslo/retail_01_03_2025.csv': [
    `${uuid(1)},SELL,Soap,3,10.00,12.00,2025-03-01`,
    `${uuid(2)},SELL,Soap,-1,-5.00,-6.00,2025-03-01`,
    `${uuid(3)},BUY,Soap,5,4.00,4.80,2025-03-01`,
    `${uuid(4)},BUY,Tea,2,100.10,120.12,2025-03-01`,
    `${uuid(5)},SELL,Soap,1.5,2.00,2.40,2025-03-03`,
    'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
  ],
  'incoming/store=bergen/2025/retail_02_03_2025.csv': [
    `${uuid(6)},BUY,Soap,1,1.00,1.20,2025-03-02`,
    `${uuid(7)},SELL,"Tea ""Oslo""",1,1.00,1.20,2025-03-03`,
    `${uuid(1)},SELL,Soap,3,20.00,24.00,2025-03-01`,
    `${uuid(7)},SELL,Tee,1,2.00,2.40,2025-03-03`,
    'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
    'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
    `${uuid(8)},SELL,Soap,0,2.00,2.40,2025-03-03`,
    `${uuid(6)},BUY,Soap,1,1.00,1.20,2025-03-02`,
  ],
  'incoming/store=oslo/empty.csv': [],
};
/** Keys of the files. */
export const [OSLO = '', BERGEN = ''] = Object.keys(FILES);

export interface LoadedApi {
  readonly api: ApiOnDatabase;
  readonly loader: pg.Client;
  /** Uploads by key. */
  readonly ids: Readonly<Record<string, string>>;
}

export async function loadApiFiles(database: TestDatabase): Promise<LoadedApi> {
  const loader = await database.connectAs('retail_loader');
  const ids: Record<string, string> = {};
  for (const [key, rows] of Object.entries(FILES)) {
    const parsed = await loadFile(loader, key, rows.length === 0 ? '' : [HEADER, ...rows, ''].join('\n'));
    ids[key] = parsed.batches[0]!.upload.uploadId;
  }
  return { api: await ApiOnDatabase.connect(database), loader, ids };
}

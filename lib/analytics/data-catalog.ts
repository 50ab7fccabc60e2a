import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Column,
  Database,
  DataFormat,
  InputFormat,
  OutputFormat,
  PartitionProjectionConfiguration,
  S3Table,
  type S3TableProps,
  S3TableStorage,
  Schema,
  SerializationLibrary,
} from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { REJECT_COLUMNS, UPLOAD_COLUMNS } from '../../lambdas/core/columns.ts';
import { INCOMING_PREFIX, REJECTED_PREFIX } from '../../lambdas/core/upload-key.ts';
import type { DataStack } from '../data/data-stack.ts';

/** Each line is one value: this format separates values by the character U+0001, which no CSV file contains. */
const LINES = new DataFormat({
  inputFormat: InputFormat.TEXT,
  outputFormat: OutputFormat.HIVE_IGNORE_KEY_TEXT,
  serializationLibrary: SerializationLibrary.LAZY_SIMPLE,
});
type TableProps = Omit<S3TableProps, 'database'>;

/** The files of the bucket as tables, by store: dropped files and rejected rows, without the database. */
export class DataCatalog extends Construct {
  readonly database: Database;
  readonly tables: readonly S3Table[];

  constructor(scope: Construct, id: string, { settings, uploadBucket }: DataStack) {
    super(scope, id);
    this.database = new Database(this, 'Database', {
      databaseName: `retail_${settings.stage}`,
      description: `Dropped files and rejected rows of the stage ${settings.stage}.`,
    });
    // It has no data, and the next deployment needs its name.
    this.database.applyRemovalPolicy(RemovalPolicy.DESTROY);
    const rows = { dataFormat: DataFormat.CSV, parameters: { 'skip.header.line.count': '1' } };
    const lines = { columns: textColumns(['line']), dataFormat: LINES };
    const add = (tableId: string, table: TableProps) =>
      new S3Table(this, tableId, {
        ...table,
        // A table adds its own parameters to the object.
        parameters: { ...table.parameters },
        database: this.database,
        storage: S3TableStorage.fromBucket(uploadBucket),
        // This refers to client-side encryption.
        hasEncryptedData: false,
        // Queries compute the partitions from the settings: no crawler is needed, and a new store is available at once.
        partitionKeys: [{ name: 'store', type: Schema.STRING }],
        partitionProjection: { store: PartitionProjectionConfiguration.enum({ values: settings.stores }) },
      });
    this.tables = [
      add('RawRows', {
        ...rows,
        tableName: 'raw_rows',
        description:
          'Rows of dropped files with the columns in the usual order. For other files, see raw_lines.',
        s3Prefix: INCOMING_PREFIX,
        columns: textColumns(UPLOAD_COLUMNS),
      }),
      add('RawLines', {
        ...lines,
        tableName: 'raw_lines',
        description: 'Every line of every dropped file, unchanged, headers included. "$path" is its file.',
        s3Prefix: INCOMING_PREFIX,
      }),
      add('RejectedRows', {
        ...rows,
        tableName: 'rejected_rows',
        description: 'Rejected rows: the reason, then the row with its columns in the usual order.',
        s3Prefix: REJECTED_PREFIX,
        columns: textColumns([...REJECT_COLUMNS, ...UPLOAD_COLUMNS]),
      }),
      add('RejectedLines', {
        ...lines,
        tableName: 'rejected_lines',
        description: 'Every line of the files of rejected rows, unchanged, headers included.',
        s3Prefix: REJECTED_PREFIX,
      }),
    ];
  }
}

/** Declares every column as text: a rejected row can contain anything. */
function textColumns(names: readonly string[]): Column[] {
  return names.map((name) => ({ name, type: Schema.STRING }));
}

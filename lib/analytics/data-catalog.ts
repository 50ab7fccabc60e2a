import { RemovalPolicy } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { REJECT_COLUMNS, UPLOAD_COLUMNS } from '../../lambdas/core/columns.ts';
import { INCOMING_PREFIX, REJECTED_PREFIX } from '../../lambdas/core/upload-key.ts';
import type { DataStack } from '../data/data-stack.ts';

/** Each line is one value: this format separates values by the character U+0001, which no CSV file contains. */
const LINES = new glue.DataFormat({
  inputFormat: glue.InputFormat.TEXT,
  outputFormat: glue.OutputFormat.HIVE_IGNORE_KEY_TEXT,
  serializationLibrary: glue.SerializationLibrary.LAZY_SIMPLE,
});

interface TableProps {
  readonly tableName: string;
  readonly s3Prefix: string;
  readonly description: string;
  /** Columns of the CSV rows. @default the table has lines, not rows */
  readonly rows?: readonly string[];
}

/** The files of the bucket as tables, by store: dropped files and rejected rows, without the database. */
export class DataCatalog extends Construct {
  readonly database: glue.Database;
  readonly tables: readonly glue.S3Table[];

  constructor(scope: Construct, id: string, { settings, uploadBucket }: DataStack) {
    super(scope, id);
    this.database = new glue.Database(this, 'Database', {
      databaseName: `retail_${settings.stage}`,
      description: `Dropped files and rejected rows of the stage ${settings.stage}.`,
    });
    // It has no data, and the next deployment needs its name.
    this.database.applyRemovalPolicy(RemovalPolicy.DESTROY);
    const add = (tableId: string, { rows, ...table }: TableProps) =>
      new glue.S3Table(this, tableId, {
        ...table,
        // Every column is text: a rejected row can contain anything.
        columns: (rows ?? ['line']).map((name) => ({ name, type: glue.Schema.STRING })),
        dataFormat: rows ? glue.DataFormat.CSV : LINES,
        parameters: rows ? { 'skip.header.line.count': '1' } : {},
        database: this.database,
        storage: glue.S3TableStorage.fromBucket(uploadBucket),
        // This refers to client-side encryption.
        hasEncryptedData: false,
        // Queries compute the partitions from the settings: no crawler is needed, and a new store is available at once.
        partitionKeys: [{ name: 'store', type: glue.Schema.STRING }],
        partitionProjection: {
          store: glue.PartitionProjectionConfiguration.enum({ values: settings.stores }),
        },
      });
    this.tables = [
      add('RawRows', {
        tableName: 'raw_rows',
        s3Prefix: INCOMING_PREFIX,
        description:
          'Rows of dropped files with the columns in the usual order. For other files, see raw_lines.',
        rows: UPLOAD_COLUMNS,
      }),
      add('RawLines', {
        tableName: 'raw_lines',
        s3Prefix: INCOMING_PREFIX,
        description: 'Every line of every dropped file, unchanged, headers included. "$path" is its file.',
      }),
      add('RejectedRows', {
        tableName: 'rejected_rows',
        s3Prefix: REJECTED_PREFIX,
        description: 'Rejected rows: the reason, then the row with its columns in the usual order.',
        rows: [...REJECT_COLUMNS, ...UPLOAD_COLUMNS],
      }),
      add('RejectedLines', {
        tableName: 'rejected_lines',
        s3Prefix: REJECTED_PREFIX,
        description: 'Every line of the files of rejected rows, unchanged, headers included.',
      }),
    ];
  }
}

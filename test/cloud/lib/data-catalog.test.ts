import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { UPLOAD_COLUMNS } from '../../../lambdas/core/columns.ts';
import { readHeader } from '../../../lambdas/core/detect/header.ts';
import { RejectedCsv } from '../../../lambdas/core/rejected-csv.ts';
import { buildRejectedKey, buildUploadKey } from '../../../lambdas/core/upload-key.ts';
import { uuid } from '../../support/batches.ts';
import { type SynthesizedStack, synthesizeStack } from '../../support/synthesized-app.ts';

interface TableInput {
  readonly Name: string;
  readonly Parameters: Record<string, string>;
  readonly PartitionKeys: readonly { Name: string; Type: string }[];
  readonly StorageDescriptor: {
    readonly Columns: readonly { Name: string; Type: string }[];
    readonly Location: { 'Fn::Join': [string, unknown[]] };
    readonly SerdeInfo: { SerializationLibrary: string };
  };
}

let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await synthesizeStack('RetailAnalytics', { stage: 'prod', 'retail:stores': 'oslo,bergen' });
});

const tables = () =>
  stack.ofType('AWS::Glue::Table').map(({ Properties }) => Properties.TableInput as TableInput);
const tableOf = (name: string) => tables().find(({ Name }) => Name === name)!;
const columnsOf = (name: string) => tableOf(name).StorageDescriptor.Columns.map(({ Name }) => Name);

describe('tables over the files', () => {
  test('raw_rows has the columns of a file in their usual order, which the parser accepts', () => {
    expect(columnsOf('raw_rows')).toEqual([...UPLOAD_COLUMNS]);
    const header = readHeader(UPLOAD_COLUMNS);
    expect(header).toMatchObject({ positions: expect.arrayContaining([0, 1, 2, 3, 4, 5]) });
  });

  test('rejected_rows has the columns of a CSV of rejected rows', () => {
    const header = new RejectedCsv(UPLOAD_COLUMNS.join(','), '', {}).formatHeader().trimEnd();
    expect(columnsOf('rejected_rows')).toEqual(header.split(','));
  });

  test('the tables of lines give each line as it is: one column, no header skipped, no quotes read', () => {
    for (const name of ['raw_lines', 'rejected_lines']) {
      expect(columnsOf(name)).toEqual(['line']);
      expect(tableOf(name).Parameters).not.toHaveProperty(['skip.header.line.count']);
      expect(tableOf(name).StorageDescriptor.SerdeInfo.SerializationLibrary).toMatch(/LazySimpleSerDe$/);
    }
  });

  test('the tables of rows read CSV and skip the header', () => {
    for (const name of ['raw_rows', 'rejected_rows']) {
      expect(tableOf(name).Parameters).toMatchObject({ 'skip.header.line.count': '1' });
      expect(tableOf(name).StorageDescriptor.SerdeInfo.SerializationLibrary).toMatch(/OpenCSVSerde$/);
    }
  });

  test('lie where shops drop files and the parser writes what it rejects, a partition for each store', () => {
    const folderOf = (key: string) => key.slice(0, key.indexOf('store='));
    const incoming = folderOf(buildUploadKey({ storeId: 'oslo', fileName: 'a.csv' }));
    const rejected = folderOf(buildRejectedKey({ key: 'a.csv', storeId: 'oslo', uploadId: uuid(1) }, 1));
    for (const { Name, Parameters, PartitionKeys, StorageDescriptor } of tables()) {
      const [, parts] = StorageDescriptor.Location['Fn::Join'];
      expect(parts.at(-1), Name).toBe(`/${Name.startsWith('raw') ? incoming : rejected}`);
      expect(PartitionKeys.map((key) => key.Name)).toEqual(['store']);
      expect(Parameters).toMatchObject({
        'projection.enabled': 'true',
        'projection.store.type': 'enum',
        'projection.store.values': 'oslo,bergen',
      });
    }
  });

  test('every column is text: a rejected row holds anything', () => {
    const types = tables().flatMap(({ StorageDescriptor }) => StorageDescriptor.Columns);
    expect(new Set(types.map(({ Type }) => Type))).toEqual(new Set(['string']));
  });
});

describe('the workgroup', () => {
  test.each(['dev', 'prod'])('of %s keeps its own results, encrypted, under a limit', async (stage) => {
    const own = await synthesizeStack('RetailAnalytics', { stage });
    const [workgroup] = own.ofType('AWS::Athena::WorkGroup');
    const [bucket] = own.ofType('AWS::S3::Bucket');
    expect(workgroup!.Properties.WorkGroupConfiguration).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 100 * 1024 ** 3,
      ResultConfiguration: {
        OutputLocation: { 'Fn::Join': ['', ['s3://', { Ref: bucket!.logicalId }, '/results/']] },
        EncryptionConfiguration: { EncryptionOption: stage === 'prod' ? 'SSE_KMS' : 'SSE_S3' },
      },
    });
    expect(bucket!.Properties).toMatchObject({
      LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 30 }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
    const [rule] = (bucket!.Properties.BucketEncryption as { ServerSideEncryptionConfiguration: object[] })
      .ServerSideEncryptionConfiguration;
    expect(rule).toMatchObject({
      ServerSideEncryptionByDefault: { SSEAlgorithm: stage === 'prod' ? 'aws:kms' : 'AES256' },
    });
  });

  test('has each file of sql/athena as a named query on the tables', async () => {
    const folder = new URL('../../../sql/athena/', import.meta.url);
    const files = await readdir(folder);
    const queries = stack.ofType('AWS::Athena::NamedQuery').map(({ Properties }) => Properties);
    expect(queries.map(({ Name }) => `${Name}.sql`).sort()).toEqual(files.sort());
    const [database] = stack.ofType('AWS::Glue::Database');
    for (const { Name, QueryString, Database, WorkGroup, Description } of queries) {
      expect(QueryString).toBe(await readFile(new URL(`${Name}.sql`, folder), 'utf8'));
      expect(Database).toEqual({ Ref: database!.logicalId });
      expect(WorkGroup).toBe('retail-prod');
      expect(String(Description).length).toBeGreaterThan(20);
    }
  });
});

describe('the policy for analysts', () => {
  interface Statement {
    readonly Action: string | string[];
    readonly Resource: unknown;
    readonly Condition?: unknown;
  }
  const statements = () =>
    (stack.ofType('AWS::IAM::ManagedPolicy')[0]!.Properties.PolicyDocument as { Statement: Statement[] })
      .Statement;
  const actionsOf = (all: readonly Statement[]) => all.flatMap(({ Action }) => Action);

  test('has a wildcard resource only for lists that know no resources', () => {
    expect(actionsOf(statements().filter(({ Resource }) => Resource === '*'))).toEqual([
      'athena:ListDataCatalogs',
      'athena:ListWorkGroups',
    ]);
    expect(actionsOf(statements()).filter((action) => action.includes('*'))).toEqual([]);
  });

  test('writes results and nothing else', () => {
    const writing = /Put|Delete|Create|Update|Abort|Batch(Create|Delete|Update)/;
    const texts = statements().filter(({ Action }) => [Action].flat().some((action) => writing.test(action)));
    expect(texts).toHaveLength(1);
    expect(JSON.stringify(texts[0]!.Resource)).toMatch(/QueryResults.*\/results\/\*/);
  });

  test('reads dropped files and rejected rows, and names each table', () => {
    const uploads = statements().filter(({ Resource }) => JSON.stringify(Resource).includes('UploadBucket'));
    expect(uploads.find(({ Condition }) => Condition)).toMatchObject({
      Action: 's3:ListBucket',
      Condition: { StringLike: { 's3:prefix': ['incoming/*', 'rejected/*'] } },
    });
    const reading = uploads.find(({ Action }) => Action === 's3:GetObject');
    expect(JSON.stringify(reading!.Resource)).toMatch(/\/incoming\/\*.*\/rejected\/\*/);
    const glue = statements().find(({ Action }) => [Action].flat().includes('glue:GetTable'))!;
    for (const { logicalId } of stack.ofType('AWS::Glue::Table')) {
      expect(JSON.stringify(glue.Resource)).toContain(logicalId);
    }
  });
});

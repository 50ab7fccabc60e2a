import type { Stack } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { INCOMING_PREFIX, REJECTED_PREFIX } from '../../lambdas/core/upload-key.ts';
import type { DataCatalog } from '../analytics/data-catalog.ts';
import { type QueryWorkgroup, RESULT_PREFIX } from '../analytics/query-workgroup.ts';
import type { DataStack } from '../data/data-stack.ts';
import { allow, keyStatements } from './statements.ts';

/** Creates the policy for analysts who query the files with Athena: one workgroup, its tables, and their files. */
export function createAnalystPolicy(
  stack: Stack,
  { uploadBucket, key }: DataStack,
  { database: { databaseName }, tables }: DataCatalog,
  { name, resultBucket }: QueryWorkgroup,
): ManagedPolicy {
  const { account, partition, region } = stack;
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const filePrefixes = [`${INCOMING_PREFIX}*`, `${REJECTED_PREFIX}*`];
  return new ManagedPolicy(stack, 'Analyst', {
    description: 'Queries with Athena about dropped files and rejected rows of the retail pipeline.',
    statements: [
      allow(
        [
          'athena:BatchGetNamedQuery',
          'athena:BatchGetQueryExecution',
          'athena:GetNamedQuery',
          'athena:GetQueryExecution',
          'athena:GetQueryResults',
          'athena:GetQueryResultsStream',
          'athena:GetQueryRuntimeStatistics',
          'athena:GetWorkGroup',
          'athena:ListNamedQueries',
          'athena:ListQueryExecutions',
          'athena:StartQueryExecution',
          'athena:StopQueryExecution',
        ],
        [arn('athena', `workgroup/${name}`)],
      ),
      allow(
        [
          'athena:GetDataCatalog',
          'athena:GetDatabase',
          'athena:GetTableMetadata',
          'athena:ListTableMetadata',
        ],
        [arn('athena', 'datacatalog/AwsDataCatalog')],
      ),
      // The console shows these lists before a choice is made. The actions have no resource level.
      allow(['athena:ListDataCatalogs', 'athena:ListWorkGroups'], ['*']),
      allow(
        ['glue:GetDatabase', 'glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
        [
          arn('glue', 'catalog'),
          arn('glue', `database/${databaseName}`),
          ...tables.map(({ tableName }) => arn('glue', `table/${databaseName}/${tableName}`)),
        ],
      ),
      // Athena requires it for each query (Athena user guide, "Fine-grained access to databases and tables").
      allow(['glue:GetDatabase'], [arn('glue', 'database/default')]),
      allow(['s3:GetBucketLocation'], [uploadBucket.bucketArn, resultBucket.bucketArn]),
      allow(['s3:ListBucket'], [uploadBucket.bucketArn], {
        StringLike: { 's3:prefix': filePrefixes },
      }),
      allow(
        ['s3:GetObject'],
        filePrefixes.map((prefix) => uploadBucket.arnForObjects(prefix)),
      ),
      allow(['s3:ListBucket', 's3:ListBucketMultipartUploads'], [resultBucket.bucketArn]),
      allow(
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        [resultBucket.arnForObjects(`${RESULT_PREFIX}*`)],
      ),
      // Athena calls S3 with the analyst's permissions.
      ...keyStatements(key, 's3', 'write'),
    ],
  });
}

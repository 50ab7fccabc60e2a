import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { Construct } from 'constructs';
import type { DataStack } from '../data/data-stack.ts';
import { PrivateBucket } from '../data/private-bucket.ts';

const QUERY_FOLDER = 'sql/athena';
export const RESULT_PREFIX = 'results/';
const RESULT_DAYS = 30;
/** Costs half a dollar at the price per scanned TB: enough for a query over years of files, and a limit for mistakes. */
const MAX_SCANNED_BYTES = 100 * 1024 ** 3;

/** The workgroup of Athena for analysts, with a bucket for results that expire, a limit, and named queries. */
export class QueryWorkgroup extends Construct {
  readonly name: string;
  readonly resultBucket: PrivateBucket;

  /** @param database database of the named queries */
  constructor(scope: Construct, id: string, { settings, key }: DataStack, database: string) {
    super(scope, id);
    this.name = `retail-${settings.stage}`;
    this.resultBucket = new PrivateBucket(this, 'Results', key, {
      lifecycleRules: [
        // The results expire, and then their versions.
        {
          expiration: Duration.days(RESULT_DAYS),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    const workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name: this.name,
      description: `Queries about the files of the stage ${settings.stage}.`,
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: MAX_SCANNED_BYTES,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: this.resultBucket.s3UrlForObject(RESULT_PREFIX),
          encryptionConfiguration: key
            ? { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn }
            : { encryptionOption: 'SSE_S3' },
        },
      },
    });
    for (const fileName of readdirSync(QUERY_FOLDER).sort()) {
      const name = fileName.replace(/\.sql$/, '');
      const queryString = readFileSync(join(QUERY_FOLDER, fileName), 'utf8');
      const description = [...queryString.matchAll(/^-- (.*)$/gm)].map(([, comment]) => comment).join(' ');
      const workGroup = this.name;
      const query = new CfnNamedQuery(this, name, { name, description, queryString, database, workGroup });
      query.addResourceDependency(workgroup);
    }
  }
}

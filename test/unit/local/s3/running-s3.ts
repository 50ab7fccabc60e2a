import { S3Client } from '@aws-sdk/client-s3';
import { afterAll } from 'vitest';
import type { CreationKind, ObjectVersion } from '../../../../local/s3/object-files.ts';
import { ObjectStore } from '../../../../local/s3/object-store.ts';
import { S3Service } from '../../../../local/s3/s3-service.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { configOf, type RunningGateway, startGateway } from '../running-gateway.ts';

export const BUCKET = 'uploads';

export interface RunningS3 extends RunningGateway {
  readonly operator: S3Client;
  /** Events that the queues would have received. */
  readonly announced: { version: ObjectVersion; kind: CreationKind }[];
  clientOf(accessKey: string): S3Client;
}

/** S3 with two buckets, for the tests of one file. To be called outside of tests. */
export async function startS3(): Promise<RunningS3> {
  const store = new ObjectStore(temporaryDir());
  afterAll(() => store.close());
  const announced: RunningS3['announced'] = [];
  const gateway = await startGateway((access) => ({
    s3: new S3Service({
      store,
      buckets: [BUCKET, 'archive'],
      notifications: [],
      access,
      announce: async (version, kind) => void announced.push({ version, kind }),
    }),
  }));
  const clientOf = (accessKey: string) =>
    new S3Client({ ...configOf(gateway, accessKey), forcePathStyle: true });
  return { ...gateway, announced, clientOf, operator: clientOf('operator') };
}

import type { S3Client } from '@aws-sdk/client-s3';
import type { Checkpoint } from '../core/parse.ts';
import type { Upload } from '../core/row-batch.ts';
import { findKeyFault } from '../core/upload-key.ts';
import type { Reading } from '../shared/readings.ts';
import { joinRevision, splitRevision } from '../shared/upload-id.ts';
import { createUpload, type ReadRequest } from '../shared/upload-message.ts';
import { VersionReader } from './bytes/version-reader.ts';
import { type CurrentSettings, chooseReading, describeReading } from './choose-reading.ts';
import { type ParseResult, type ParserResources, parseObject } from './parse-object.ts';

/** The deployed parser: its settings, and the hash of its code. */
export interface DeployedParser extends CurrentSettings {
  readonly code: string;
}

type ReaderResources = Omit<ParserResources, 'settings' | 'maxUnpackedMiB' | 'maxRejectedRows'> & {
  readonly deployed: DeployedParser;
};

/**
 * Reads an object version by the settings of its first reading, or by those that the request names. The record of the
 * reading is in the bucket before any row is sent; it is written while S3 opens the object.
 * @param isTimeUp is asked after each batch
 * @param isLastTry refuses an object that S3 does not return or that unpacks too slowly; otherwise the error is thrown
 */
export async function readObject(
  request: ReadRequest,
  { deployed, ...resources }: ReaderResources,
  isTimeUp: () => boolean,
  isLastTry = false,
): Promise<ParseResult & { readonly upload: Upload }> {
  const { object } = request;
  const continued = continuesHere(request, deployed) ? request.continued : undefined;
  const version = new VersionReader(resources.s3, object);
  try {
    const reading = await openReading(request, version, resources.s3, deployed, continued?.checkpoint);
    const { rules, limits, settings, receivedAt } = reading;
    const upload = createUpload({ ...object, receivedAt }, joinRevision({ code: deployed.code, settings }));
    const { maxMessageBytes, ...otherLimits } = limits;
    const found = { ...resources, ...otherLimits, settings: { rules, maxMessageBytes } };
    const result = await parseObject({ ...continued, upload }, found, isTimeUp, isLastTry, version);
    return { ...result, upload };
  } finally {
    version.close();
  }
}

/** Chooses the settings while S3 opens the object. A key that the parser refuses is not read, and needs no record. */
async function openReading(
  request: ReadRequest,
  version: VersionReader,
  s3: S3Client,
  deployed: DeployedParser,
  checkpoint: Checkpoint | undefined,
): Promise<Reading> {
  const { object } = request;
  if (findKeyFault(object.key) !== undefined) return describeReading(object, deployed);
  version.begin(checkpoint);
  return chooseReading(s3, request, deployed);
}

/** True if the same code wrote the checkpoint. Other code may cut the file elsewhere. */
function continuesHere({ continued }: ReadRequest, { code }: DeployedParser): boolean {
  return continued !== undefined && splitRevision(continued.upload.revision).code === code;
}

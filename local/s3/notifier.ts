import type { NotificationModel } from '../assembly/readers/storage-readers.ts';
import { REGION } from '../assembly/template.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { matches } from '../iam/wildcards.ts';
import type { CreationKind, ObjectVersion } from './object-files.ts';
import { authorize, encodeKey, type S3Call, sendXml } from './s3-call.ts';

interface NotifierProps {
  readonly notifications: readonly NotificationModel[];
  readonly access: AccessControl;
  readonly send: (queueArn: string, body: string) => Promise<unknown>;
  /** @default no injected faults */
  readonly faults?: FaultPlan | undefined;
}

/** Sends the S3 events that the template configures, if the queue's policy allows S3 to send them. */
export class Notifier {
  #props: NotifierProps;

  constructor(props: NotifierProps) {
    this.#props = props;
  }

  /** Sends the test event that S3 sends when a notification is configured. */
  async sendTestEvents(): Promise<void> {
    for (const { bucketName, queueArn } of this.#props.notifications) {
      const event = {
        Service: 'Amazon S3',
        Event: 's3:TestEvent',
        Time: new Date().toISOString(),
        Bucket: bucketName,
      };
      await this.#send(bucketName, queueArn, event);
    }
  }

  async announce(version: ObjectVersion, kind: CreationKind): Promise<void> {
    const fault = this.#props.faults?.onEvent?.(version);
    if (fault === 'lost') return;
    if (fault === 'twice') await this.#announce(version, kind);
    await this.#announce(version, kind);
  }

  async #announce(version: ObjectVersion, kind: CreationKind): Promise<void> {
    for (const { bucketName, queueArn, events, prefix, suffix } of this.#props.notifications) {
      const isWanted =
        bucketName === version.bucket &&
        version.key.startsWith(prefix) &&
        version.key.endsWith(suffix) &&
        events.some((event) => matches(event, `s3:ObjectCreated:${kind}`));
      if (isWanted) await this.#send(bucketName, queueArn, eventOf(version, kind));
    }
  }

  async #send(bucketName: string, queueArn: string, event: object): Promise<void> {
    const sourceArn = `arn:aws:s3:::${bucketName}`;
    this.#props.access.authorizeService('s3', 'sqs:SendMessage', queueArn, sourceArn);
    await this.#props.send(queueArn, JSON.stringify(event));
  }
}

/** S3 user guide, "Event message structure". */
function eventOf(version: ObjectVersion, kind: CreationKind): object {
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: version.lastModified.toISOString(),
        eventName: `ObjectCreated:${kind}`,
        s3: {
          s3SchemaVersion: '1.0',
          bucket: { name: version.bucket, arn: `arn:aws:s3:::${version.bucket}` },
          object: {
            key: encodeKey(version.key),
            size: version.size,
            eTag: version.etag.replaceAll('"', ''),
            versionId: version.versionId,
            sequencer: version.sequence.toString(16).toUpperCase().padStart(16, '0'),
          },
        },
      },
    ],
  };
}

/** GetBucketNotificationConfiguration. */
export async function getNotifications(call: S3Call): Promise<void> {
  authorize(call, 's3:GetBucketNotification');
  const configured = call.notifications.filter(({ bucketName }) => bucketName === call.bucket);
  const QueueConfiguration = configured.map(({ queueArn, events, prefix, suffix }, index) => {
    const rules = Object.entries({ prefix, suffix }).filter(([, value]) => value !== '');
    const FilterRule = rules.map(([Name, Value]) => ({ Name, Value }));
    return {
      Id: String(index),
      Queue: queueArn,
      Event: events,
      ...(FilterRule.length > 0 && { Filter: { S3Key: { FilterRule } } }),
    };
  });
  sendXml(call.response, 'NotificationConfiguration', { QueueConfiguration });
}

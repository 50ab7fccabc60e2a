import type { UploadEntry } from '../../lambdas/core/api-answers.ts';
import { format } from '../format.ts';
import { hrefOf } from '../router.ts';
import { describeStatus } from '../upload-status.ts';
import { Icon } from './icon.tsx';

/** The state of an upload as a mark with an icon and a word. Rows to correct are a link to the screen that does so. */
export function StatusTag({
  upload,
}: {
  readonly upload: Pick<UploadEntry, 'uploadId' | 'status' | 'rows'>;
}) {
  const { tone, icon, label } = describeStatus(upload, format.count);
  const content = (
    <>
      <Icon name={icon} />
      {label}
    </>
  );
  return tone === 'warn' ? (
    <a class={`tag ${tone}`} href={hrefOf('fix', { id: upload.uploadId })}>
      {content}
    </a>
  ) : (
    <span class={`tag ${tone}`}>{content}</span>
  );
}

import { z } from 'zod';
import { STORE_PATTERN } from '../../lambdas/core/upload-key.ts';
import type { NotifySettings } from '../../lambdas/shared/notify-settings.ts';

/** Amazon SES developer guide, "Service quotas in Amazon SES". */
const MAX_RECIPIENTS = 50;
const CONTACTS = 'a list such as [{"store": "main", "emails": ["shop@example.com"]}]';

/** A host on the internet has a name with a domain. The notifier checks the addresses of the name. */
const isHostOnInternet = (url: string): boolean => /\.[a-z][a-z0-9-]*$/i.test(new URL(url).hostname);
const hasNoPassword = (url: string): boolean => !/^https:\/\/[^/?#]*@/i.test(url);

const StoreContacts = z.strictObject({
  store: z.string().regex(STORE_PATTERN, 'the name of a store'),
  emails: z
    .array(z.email('an address such as shop@example.com'))
    .max(MAX_RECIPIENTS, `at most ${MAX_RECIPIENTS} addresses`)
    .default([]),
  webhook: z
    .url({ protocol: /^https$/, message: 'an address such as https://shop.example.com/receipts' })
    .refine(isHostOnInternet, 'a host on the internet, by name')
    .refine(hasNoPassword, 'no user name and no password: the receiver checks the signature')
    .optional(),
  when: z.enum(['always', 'problems'], 'always or problems').default('always'),
});

/** The settings about mails and webhooks. The option `-c` passes a list as JSON. */
export const NotifyShape = {
  notify: z
    .preprocess(parseList, z.array(StoreContacts, CONTACTS))
    .refine((all) => new Set(all.map(({ store }) => store)).size === all.length, 'each store once')
    .refine(
      (all) => all.every(({ emails, webhook }) => emails.length > 0 || webhook),
      'emails or a webhook each',
    )
    .describe('the stores that get a mail or a signed webhook for each file, in addition to its receipt'),
  notifyFrom: z
    .email('an address such as receipts@example.com')
    .optional()
    .describe('the sender of these mails, of a domain that is verified in Amazon SES'),
};

function parseList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

interface Settings {
  readonly stores: readonly string[];
  readonly notify: readonly z.infer<typeof StoreContacts>[];
  readonly notifyFrom?: string | undefined;
}

/** Reports contacts that cannot be reached, with the correction. */
export function checkNotify(
  { stores, notify, notifyFrom }: Settings,
  report: (name: 'notify' | 'notifyFrom', message: string) => void,
): void {
  const unknown = notify.find(({ store }) => !stores.includes(store));
  if (unknown !== undefined) report('notify', `has ${unknown.store}, which is not in retail:stores`);
  if (notifyFrom === undefined && notify.some(({ emails }) => emails.length > 0))
    report('notifyFrom', 'is missing: retail:notify has emails, which need a sender');
}

/** Lists the contacts by store, as the notifier reads them. */
export function toNotifySettings({ notify, notifyFrom }: Settings): NotifySettings {
  const stores = notify.map(({ store, emails, webhook, when }) => {
    return [store, { emails, when, ...(webhook !== undefined && { webhook }) }] as const;
  });
  return { stores: Object.fromEntries(stores), ...(notifyFrom !== undefined && { from: notifyFrom }) };
}

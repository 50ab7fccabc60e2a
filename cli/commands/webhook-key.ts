import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Argument } from 'commander';
import { ApiSecret } from '../../lambdas/shared/api-secret.ts';
import { deriveWebhookKey, formatWebhookKey } from '../../lambdas/shared/webhook-key.ts';
import { rememberCalls } from '../aws/calls.ts';
import type { CommandSpec, CommonOptions } from '../command.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { printJson } from '../output/console.ts';

export const WEBHOOK_KEY: CommandSpec<CommonOptions> = {
  name: 'webhook-key',
  description: 'print the key with which a store checks the signatures of its webhooks',
  argument: new Argument('<store>', 'store with a webhook in the setting retail:notify'),
  help: 'docs/receipts.md describes receipts, events, mails and webhooks.',
  run: ([store = ''], options, { io, withCloud }) =>
    withCloud(options, async ({ access }) => {
      const { webhookSecretArn } = access.outputs;
      if (webhookSecretArn === undefined) {
        throw new UserError(
          `${access.name} has no webhooks: write one in the setting retail:notify, and deploy or start it again`,
        );
      }
      const secrets = rememberCalls(new SecretsManagerClient(access.connection));
      try {
        const secret = await new ApiSecret(secrets, webhookSecretArn).read();
        const key = formatWebhookKey(deriveWebhookKey(secret, store));
        if (options.json) printJson({ store, key }, io);
        else io.print(key);
        return EXIT.done;
      } finally {
        secrets.destroy();
      }
    }),
};

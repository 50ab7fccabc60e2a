import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { arn } from '../assembly/physical-names.ts';
import {
  JsonService,
  parseRequest,
  readBody,
  ServiceError,
  type ServiceRequest,
} from '../gateway/service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { keepFile } from './keep-file.ts';

const SEND_EMAIL = 'POST /v2/email/outbound-emails';
const MAX_REQUEST_BYTES = 1_048_576;
/** Amazon SES developer guide, "Service quotas in Amazon SES". */
const MAX_RECIPIENTS = 50;

const TEXT = z.strictObject({ Data: z.string(), Charset: z.literal('UTF-8').optional() });
const BODY = z.strictObject({
  FromEmailAddress: z.email(),
  Destination: z.strictObject({ ToAddresses: z.array(z.email()).min(1).max(MAX_RECIPIENTS) }),
  Content: z.strictObject({
    Simple: z.strictObject({
      // A header of a mail is one line.
      Subject: TEXT.extend({ Data: z.string().regex(/^[^\r\n]+$/) }),
      Body: z.strictObject({ Text: TEXT }),
    }),
  }),
});

/** SendEmail of SES with a plain text. Nothing is sent: each mail is kept as a file. */
export class SesService extends JsonService {
  #access: AccessControl;
  #folder: string;

  constructor(access: AccessControl, folder: string) {
    super('application/json');
    this.#access = access;
    this.#folder = folder;
  }

  async handle({ incoming, url, body, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const action = `${incoming.method} ${url.pathname}`;
    if (action !== SEND_EMAIL) {
      throw new ServiceError(
        'NotImplemented',
        `the local cloud does not support ${action}, but ${SEND_EMAIL}`,
        501,
      );
    }
    const mail = parseRequest(BODY, await readBody(body, MAX_REQUEST_BYTES), 'BadRequestException');
    const from = mail.FromEmailAddress;
    // As with a verified domain. A verified address would be its own identity (Amazon SES developer guide, "Creating and
    // verifying identities in Amazon SES").
    const identity = arn('ses', `identity/${from.slice(from.lastIndexOf('@') + 1)}`);
    this.#access.authorize(caller, 'ses:SendEmail', identity, { 'ses:FromAddress': from });
    this.writeAnswer(response, { MessageId: await keepFile(this.#folder, mail) });
  }
}

import { text } from '../shared/environment.ts';

export const AUTHORIZER_VARIABLES = {
  bucketName: text('UPLOAD_BUCKET_NAME'),
  apiSecretArn: text('API_SECRET_ARN'),
};

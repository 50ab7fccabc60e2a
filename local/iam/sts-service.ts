import { ACCOUNT } from '../assembly/template.ts';
import { QueryService } from '../gateway/query-service.ts';

/** STS's GetCallerIdentity, which needs no permission (STS API reference, "GetCallerIdentity"). */
export class StsService extends QueryService {
  constructor() {
    super('https://sts.amazonaws.com/doc/2011-06-15/', {
      GetCallerIdentity: {
        parameters: [],
        run: (_, { caller: { arn, principalArn = arn } }) => {
          return { Arn: principalArn, UserId: principalArn.split('/').at(-1), Account: ACCOUNT };
        },
      },
    });
  }
}

import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { TICKET_PARAMETER, WEB_SOCKET_STAGE } from '../../lambdas/shared/api-routes.ts';
import type { PipelineFunction } from '../pipeline/function.ts';
import type { Settings } from '../settings/read-settings.ts';
import { throttleOf } from './http-api.ts';

/** The WebSocket API: a ticket opens a connection, and each message has an answer. */
export class WebSocket extends Construct {
  readonly api: apigateway.WebSocketApi;
  readonly url: string;

  constructor(scope: Construct, id: string, { stage }: Settings) {
    super(scope, id);
    this.api = new apigateway.WebSocketApi(this, 'Api', {
      apiName: `retail-${stage}-live`,
      description: 'Receives transactions over connections that stay open.',
      routeSelectionExpression: '$request.body.action',
    });
    this.url = `${this.api.apiEndpoint}/${WEB_SOCKET_STAGE}`;
  }

  /**
   * Adds the routes and the stage. It has no access log: for that, API Gateway needs a role that all WebSocket and REST
   * APIs of an account share (API Gateway developer guide, "Set up CloudWatch logging"). The function logs each message.
   */
  addRoutes(settings: Settings, handler: PipelineFunction, authorizer: PipelineFunction): void {
    const integration = () => new WebSocketLambdaIntegration('Function', handler);
    this.api.addRoute('$connect', {
      integration: integration(),
      authorizer: new WebSocketLambdaAuthorizer('Tickets', authorizer, {
        identitySource: [`route.request.querystring.${TICKET_PARAMETER}`],
      }),
    });
    this.api.addRoute('$default', { integration: integration(), returnResponse: true });
    new apigateway.WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: WEB_SOCKET_STAGE,
      autoDeploy: true,
      throttle: throttleOf(settings),
    });
  }
}

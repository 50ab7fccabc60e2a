import { Duration } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { ApiStep } from '../../api/api-step.ts';
import type { Settings } from '../../settings/read-settings.ts';
import type { AlarmRows } from '../operator-dashboard.ts';
import { above, critical, LASTING_PERIODS, warning } from './alarm.ts';

const HOUR = Duration.hours(1);
/** Time after which API Gateway answers in place of the function (API Gateway developer guide, "Quotas"). */
const GATEWAY_TIMEOUT_MILLISECONDS = 30_000;

/**
 * Alarms of requests and messages that API Gateway could not have answered (API Gateway developer guide, "Monitor
 * CloudWatch metrics for HTTP APIs", "Monitor WebSocket API execution with CloudWatch metrics").
 */
export function apiAlarms({ http, people, webSocket }: ApiStep, settings: Settings): AlarmRows {
  const { alarmApiErrorPercent, alarmDurationPercent } = settings;
  // A till that sends the same transactions again after seconds makes a short peak: only lasting errors count.
  const failedPercent = new MathExpression({
    expression: people
      ? '100 * (FILL(failed, 0) + FILL(failedOfPeople, 0)) / (FILL(requests, 0) + FILL(requestsOfPeople, 0))'
      : '100 * failed / requests',
    usingMetrics: {
      failed: http.api.metricServerError(),
      requests: http.api.metricCount(),
      ...(people && {
        failedOfPeople: people.api.metricServerError(),
        requestsOfPeople: people.api.metricCount(),
      }),
    },
    label: 'percent',
  });
  const tills = http.api.metricLatency({ statistic: 'p99', label: '99th percentile' });
  // Percentiles cannot be added up: the alarm follows the slower API.
  const slowest = people
    ? new MathExpression({
        expression: 'IF(FILL(tills, 0) > FILL(people, 0), FILL(tills, 0), FILL(people, 0))',
        usingMetrics: { tills, people: people.api.metricLatency({ statistic: 'p99' }) },
        label: '99th percentile, of the slower API',
      })
    : tills;
  const socket = (name: string, label: string) =>
    webSocket.api.metric(name, { statistic: 'Sum', period: HOUR, label });
  const failedMessages = new MathExpression({
    expression: 'FILL(integration, 0) + FILL(execution, 0)',
    usingMetrics: {
      integration: socket('IntegrationError', 'integration'),
      execution: socket('ExecutionError', 'execution'),
    },
    label: 'failed',
    period: HOUR,
  });
  return {
    'Api: requests and messages': {
      Requests: [
        http.api.metricCount({ label: 'requests' }),
        http.api.metricClientError({ label: 'refused (4xx)' }),
        ...(people
          ? [
              people.api.metricCount({ label: 'requests of people' }),
              people.api.metricClientError({ label: 'refused people (4xx)' }),
            ]
          : []),
      ],
      'Failed requests (5xx), percent': critical(
        'Api/ServerErrors',
        `More than ${alarmApiErrorPercent} % of the requests have failed for 15 minutes.`,
        failedPercent,
        above(alarmApiErrorPercent, LASTING_PERIODS),
      ),
      'Latency, milliseconds': [
        http.api.metricLatency({ statistic: 'p50', label: 'median' }),
        ...(people ? [people.api.metricLatency({ statistic: 'p50', label: 'median of people' })] : []),
        warning(
          'Api/Latency',
          `One request in 100 has used more than ${alarmDurationPercent} % of the 30 s of API Gateway for 15 minutes.`,
          slowest,
          above(Math.round(GATEWAY_TIMEOUT_MILLISECONDS * (alarmDurationPercent / 100)), LASTING_PERIODS),
        ),
      ],
      'WebSocket, per hour': [
        socket('ConnectCount', 'connections'),
        socket('MessageCount', 'messages'),
        socket('ClientError', 'refused'),
        warning(
          'Api/WebSocketErrors',
          'Messages or connections of the WebSocket API failed.',
          failedMessages,
        ),
      ],
    },
  };
}

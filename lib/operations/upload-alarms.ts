import { Duration } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { GraphWidgetType } from 'cdk-monitoring-constructs';
import type { PipelineFunction } from '../pipeline/function.ts';
import { pipelineMetric } from './pipeline-metric.ts';
import type { StageMonitoring } from './stage-monitoring.ts';
import { above, silentFor } from './thresholds.ts';

const HOUR = Duration.hours(1);
/**
 * The share counts from so many rejected rows in the hour on: a typing error in a file of ten rows is no alarm, a
 * small file of which a fifth is wrong is one. A least number of rows read would hide small files altogether.
 */
const LEAST_REJECTED_ROWS = 10;

export interface UploadAlarmsProps {
  readonly parser: PipelineFunction;
  readonly consumer: PipelineFunction;
}

/** What became of files and rows. */
export function monitorUploads(monitoring: StageMonitoring, { parser, consumer }: UploadAlarmsProps): void {
  const { settings } = monitoring;
  const { alarmNoUploadHours, alarmRejectedPercent } = settings;
  const parsed = (name: string) => pipelineMetric(settings, parser, { name });
  const parsedByHour = (name: string) => pipelineMetric(settings, parser, { name, period: HOUR });
  const loaded = (name: string) => pipelineMetric(settings, consumer, { name });
  const failed = monitoring.watch(parsedByHour('UploadsFailed'), {
    heading: 'Parse/UploadsFailed',
    severity: 'warning',
    meaning: 'A file was refused as a whole.',
    ...above(0),
  });
  const rejectedPercent = new MathExpression({
    expression: `IF(rejected >= ${LEAST_REJECTED_ROWS}, 100 * rejected / read, 0)`,
    usingMetrics: { rejected: parsedByHour('RowsRejected'), read: parsedByHour('RowsRead') },
    label: `percent, from ${LEAST_REJECTED_ROWS} rejected rows on`,
    period: HOUR,
  });
  const rejectedShare = monitoring.watch(rejectedPercent, {
    heading: 'Parse/RejectedShare',
    severity: 'warning',
    meaning: `More than ${alarmRejectedPercent} % of the rows of an hour were rejected.`,
    ...above(alarmRejectedPercent),
  });
  const uploads = parsedByHour('UploadsParsed');
  const watchedUploads =
    alarmNoUploadHours === undefined
      ? uploads
      : monitoring.watch(uploads, {
          heading: 'Parse/NoUpload',
          severity: 'warning',
          meaning: `No file came in ${alarmNoUploadHours} hours.`,
          ...silentFor(alarmNoUploadHours),
        });
  const outcomes = ['RowsInserted', 'RowsDuplicate', 'RowsConflicting'].map(loaded);
  monitoring.monitorCustom({
    humanReadableName: 'Files and rows',
    alarmFriendlyName: 'Parse',
    metricGroups: [
      { title: 'Files by the hour', metrics: [watchedUploads, failed] },
      {
        title: 'Rows by what became of them',
        graphWidgetType: GraphWidgetType.STACKED_AREA,
        metrics: [...outcomes, parsed('RowsRejected')],
      },
      { title: 'Rejected rows, percent of the hour', metrics: [rejectedShare] },
    ],
  });
}

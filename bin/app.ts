#!/usr/bin/env node
import { App, Tags } from 'aws-cdk-lib';
import { DataStack } from '../lib/data-stack.ts';
import { PipelineStack } from '../lib/pipeline-stack.ts';
import { readSettings, type Settings } from '../lib/settings.ts';

const app = new App({ analyticsReporting: false });
let settings: Settings;
try {
  settings = readSettings(app.node);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
const data = new DataStack(app, 'RetailData', { stackName: 'retail-data', settings });
new PipelineStack(app, 'RetailPipeline', { stackName: 'retail-pipeline', settings, data });
Tags.of(app).add('application', 'retail-transactions');

#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { buildApp } from '../lib/app.ts';

try {
  buildApp(new App({ analyticsReporting: false })).synth();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}

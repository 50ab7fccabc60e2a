/** On everything that the pipeline has, in every stage: by it, and by the tag `stage`, costs are told apart. */
export const APPLICATION_TAG = { key: 'application', value: 'retail-transactions' };

import type { ServiceDeployment } from './state.js';

const UNFINISHED = ['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'];

/** Whether it is still under way, or waiting to be. */
export const isUnfinished = (serviceDeployment: ServiceDeployment): boolean =>
  UNFINISHED.includes(serviceDeployment.status);

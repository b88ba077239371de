import { afterAll, afterEach } from '@jest/globals';
import { throwFaults } from './faults.ts';

afterEach(throwFaults);
afterAll(throwFaults);

import type { UserConfig } from 'vite';
import { pageBuild } from '../page-build.ts';

const config: UserConfig = pageBuild('lab');

export default config;

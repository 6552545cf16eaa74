import { afterAll } from 'bun:test'
import { stopTestPostgres } from './database'

// Loaded before any test file; in this place afterAll means after the last of them.
afterAll(stopTestPostgres)

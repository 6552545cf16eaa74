import { afterAll } from 'bun:test'
import { stopTestPostgres } from './database'
import { removeTestRelease } from './release'

// Loaded before any test file; in this place afterAll means after the last of them.
afterAll(stopTestPostgres)
afterAll(removeTestRelease)

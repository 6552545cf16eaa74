import { endpoints } from '#app'
import { openApi } from '#http/openapi'
import type { Command } from './command'
import { parseFlags } from './flags'

const usage = `Usage: jumpstarter openapi

Prints the OpenAPI 3.1 document of the API, which a running server has at /api/v1/openapi.json.`

export const openapi: Command = {
  summary: 'print the OpenAPI document of the API',
  usage,
  run: async (args) => {
    parseFlags('openapi', args, {})
    console.log(JSON.stringify(openApi(endpoints), null, 2))
    return 0
  },
}

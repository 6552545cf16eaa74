import { test, expect } from 'bun:test'
import { testApp } from './app'
test('x', async () => {
  const a = await testApp(); console.log('UP'); await Bun.sleep(20000)
}, 60000)

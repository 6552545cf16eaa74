import { S3Client } from 'bun'
import { errorCode } from '#lib/errors'
import { type Check, type Finding, problem, type Site } from '../check'

const reasonCharactersMax = 200

/** Whether the bucket of JUMPSTARTER_IMAGES answers to our key. Nothing is written. */
export const storage: Check<Site> = {
  name: 'picture storage',
  run: async ({ config: { imageBucket } }) => {
    if (imageBucket === null) return { skipped: 'pictures are kept in Postgres' }
    const { bucket, prefix, region, endpoint, ...keys } = imageBucket
    const client = new S3Client({ bucket, region, ...(endpoint ? { endpoint } : {}), ...keys })
    try {
      // That there is no such object is the answer of a storage that takes us.
      await client.file(`${prefix}doctor`).arrayBuffer()
      return []
    } catch (error) {
      return judge(error, bucket, endpoint ?? 'Amazon’s')
    }
  },
}

function judge(error: unknown, bucket: string, where: string): Finding[] {
  const code = errorCode(error) ?? ''
  const message = error instanceof Error ? error.message : String(error)
  switch (code) {
    case 'NoSuchKey':
      return []
    case 'NoSuchBucket':
      return [
        problem(
          `The storage at ${where} has no bucket ${bucket}.`,
          'Make it, or correct JUMPSTARTER_IMAGES, AWS_REGION or AWS_ENDPOINT_URL.',
        ),
      ]
    case 'SignatureDoesNotMatch':
    case 'InvalidAccessKeyId':
      return [
        problem(
          `The storage at ${where} does not know our key (${code}).`,
          'Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
        ),
      ]
    case 'AccessDenied':
      return [
        problem(
          `The key may not read the bucket ${bucket}.`,
          'Allow it s3:GetObject, s3:PutObject and s3:ListBucket.',
        ),
      ]
    default:
      return [
        problem(
          `The storage at ${where} cannot be used: ${message.slice(0, reasonCharactersMax)} (${code}).`,
          'Check AWS_ENDPOINT_URL, AWS_REGION and the network.',
        ),
      ]
  }
}

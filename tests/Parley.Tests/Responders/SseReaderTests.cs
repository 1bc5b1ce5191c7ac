using System.Text;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Tests.Responders;

public sealed class SseReaderTests
{
    [Fact]
    public async Task A_stream_beyond_the_limit_is_refused()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("data: " + new string('x', 1000)));

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => ReadAllAsync(stream, 500));

        Assert.Equal(ErrorCode.MessageTooLarge, refusal.Code);
    }

    [Fact]
    public async Task Any_bytes_give_events_and_no_surprise()
    {
        const int Seed = 2024;
        var random = new Random(Seed);
        var alphabet = "data: event:id\r\n\n\n:x\u00e9{}\0"u8.ToArray();
        for (var round = 0; round < 10_000; round++)
        {
            var bytes = new byte[random.Next(80)];
            for (var index = 0; index < bytes.Length; index++)
            {
                bytes[index] = random.Next(20) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            }

            using var stream = new MemoryStream(bytes);
            try
            {
                await ReadAllAsync(stream, 1000);
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {Seed}, round {round}: {exception}");
            }
        }
    }

    private static async Task<int> ReadAllAsync(Stream stream, long maxBytes)
    {
        var count = 0;
        await foreach (var item in SseReader.ReadAsync(stream, maxBytes, TestContext.Current.CancellationToken))
        {
            count += item.Data.Length;
        }

        return count;
    }
}

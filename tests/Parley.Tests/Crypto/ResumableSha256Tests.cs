using System.Security.Cryptography;
using Parley.Crypto;

namespace Parley.Tests.Crypto;

public sealed class ResumableSha256Tests
{
    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(64 * 1000)]
    public void A_hash_that_was_put_down_goes_on_to_the_same_end(int first)
    {
        var bytes = new byte[100_000];
        new Random(5).NextBytes(bytes);
        var before = new ResumableSha256();
        before.Append(bytes.AsSpan(0, first));

        var after = new ResumableSha256(before.Save(), first);
        after.Append(bytes.AsSpan(first));

        Assert.Equal(SHA256.HashData(bytes), after.Finish());
    }

    [Fact]
    public void Only_whole_blocks_can_be_taken_up() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResumableSha256(new byte[ResumableSha256.StateBytes], 63));
}

using Parley.Protocol.Grpc;

namespace Parley.Tests.Grpc;

public sealed class GrpcMetadataTests
{
    [Fact]
    public void The_last_value_of_a_name_counts()
    {
        var metadata = new GrpcMetadata().Add("who", "a").Add("who", "b");

        Assert.Equal("b", metadata.Get("Who"));
        Assert.Equal(2, metadata.Count);
    }

    [Theory]
    [InlineData("Who", "x")]
    [InlineData("", "x")]
    [InlineData("a b", "x")]
    [InlineData("grpc-status", "0")]
    [InlineData("content-type", "x")]
    [InlineData("a-bin", "x")]
    [InlineData("a", "x\ny")]
    [InlineData("a", "ü")]
    public void What_breaks_the_rule_is_refused(string name, string value) =>
        Assert.Throws<ArgumentException>(() => new GrpcMetadata().Add(name, value));

    [Fact]
    public void Bytes_need_a_binary_name() =>
        Assert.Throws<ArgumentException>(() => new GrpcMetadata().Add("a", [1, 2]));

    [Theory]
    [InlineData("AQ", new byte[] { 1 })]
    [InlineData("AQ==", new byte[] { 1 })]
    [InlineData("", new byte[0])]
    [InlineData("AQI,AwQF", new byte[] { 3, 4, 5 })]
    public void Bytes_are_read_with_padding_or_without(string text, byte[] expected)
    {
        Assert.True(GrpcMetadata.TryDecodeBytes(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("A")]
    [InlineData("AQI*")]
    [InlineData("A Q I")]
    public void What_is_not_base64_is_refused(string text) => Assert.False(GrpcMetadata.TryDecodeBytes(text, out _));

    [Fact]
    public void Bytes_of_any_length_survive_the_way_there_and_back()
    {
        for (var length = 0; length < 50; length++)
        {
            var bytes = Enumerable.Range(0, length).Select(index => (byte)(index * 7)).ToArray();
            var metadata = new GrpcMetadata().Add("k-bin", bytes);

            Assert.DoesNotContain('=', metadata.Get("k-bin")!);
            Assert.True(metadata.TryGetBytes("k-bin", out var read));
            Assert.Equal(bytes, read);
        }
    }

    [Fact]
    public void Headers_of_the_protocol_are_no_metadata()
    {
        var metadata = new GrpcMetadata();

        metadata.AddReceived(":path", "/x");
        metadata.AddReceived("grpc-timeout", "1S");
        metadata.AddReceived("Authorization", "x");

        Assert.Equal("authorization", Assert.Single(metadata).Key);
    }
}

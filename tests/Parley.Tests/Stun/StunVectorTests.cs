using System.Text;
using Parley.Protocol.Stun;

namespace Parley.Tests.Stun;

/// <summary>The published messages of RFC 5769 and RFC 8489, appendix B.</summary>
public sealed class StunVectorTests
{
    private const string Password = "VOkJxbRl1RmTxUk/WvJxBt";
    private const string Head = "2112a442 b7e7a701bc34d686fa87dfae";
    private static readonly string _matrix = Encoding.UTF8.GetString(Convert.FromHexString("E3839EE38388E383AAE38383E382AFE382B9"));

    private static readonly byte[] _request = Bytes("00010058" + Head
        + "80220010 5354554e207465737420636c69656e74 00240004 6e0001ff 80290008 932ff9b151263b36"
        + "00060009 6576746a3a68367659202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf");

    private static readonly byte[] _answer4 = Bytes("0101003c" + Head
        + "8022000b 7465737420766563746f7220 00200008 0001a147e112a643 00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96");

    private static readonly byte[] _answer6 = Bytes("01010048" + Head
        + "8022000b 7465737420766563746f7220 00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9 00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c");

    private static readonly byte[] _longTerm = Bytes("00010060 2112a442 78ad3433c6ad72c029da412e"
        + "00060012 e3839ee38388e383aae38383e382afe382b90000 0015001c 662f2f3439396b39353464364f4c33346f4c39465354767936347341"
        + "0014000b 6578616d706c652e6f726700 00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666");

    private static readonly byte[] _sha256 = Bytes("00010090 2112a442 78ad3433c6ad72c029da412e"
        + "001e0020 4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"
        + "00150029 6f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c39465354767936347341000000"
        + "0014000b 6578616d706c652e6f726700 001d0004 00020000 001c0020 b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65");

    [Fact]
    public void The_sample_request_is_read()
    {
        Assert.True(StunMessage.TryParse(_request, out var message));

        Assert.Equal((StunClass.Request, StunMethod.Binding), (message.Class, message.Method));
        Assert.True(message.TryGet(StunAttribute.Username, out var user));
        Assert.Equal("evtj:h6vY", Encoding.UTF8.GetString(user));
        Assert.True(message.TryGetUInt32(StunAttribute.Priority, out var priority));
        Assert.Equal(0x6e0001ffu, priority);
        Assert.True(message.TryGetUInt64(StunAttribute.IceControlled, out var tieBreaker));
        Assert.Equal(0x932ff9b151263b36u, tieBreaker);
        Assert.True(message.IsIntegrityValid(StunKey.ShortTerm(Password)));
        Assert.False(message.IsIntegrityValid(StunKey.ShortTerm(Password + "x")));
        Assert.True(message.HasFingerprint);
    }

    [Fact]
    public void The_sample_answers_are_read()
    {
        Assert.True(StunMessage.TryParse(_answer4, out var four));
        Assert.True(StunMessage.TryParse(_answer6, out var six));

        Assert.True(four.TryGetAddress(StunAttribute.XorMappedAddress, out var address4));
        Assert.True(six.TryGetAddress(StunAttribute.XorMappedAddress, out var address6));
        Assert.Equal("192.0.2.1:32853", address4.ToString());
        Assert.Equal("[2001:db8:1234:5678:11:2233:4455:6677]:32853", address6.ToString());
        Assert.True(four.IsIntegrityValid(StunKey.ShortTerm(Password)));
        Assert.True(six.IsIntegrityValid(StunKey.ShortTerm(Password)));
    }

    [Fact]
    public void The_sample_with_long_term_credentials_is_read()
    {
        Assert.True(StunMessage.TryParse(_longTerm, out var message));

        Assert.True(message.IsIntegrityValid(StunKey.LongTerm(_matrix, "example.org", "TheMatrIX")));
        Assert.False(message.IsIntegrityValid(StunKey.LongTerm(_matrix, "example.org", "TheMatrix")));
    }

    [Fact]
    public void The_sample_with_SHA_256_is_read()
    {
        Assert.True(StunMessage.TryParse(_sha256, out var message));

        Assert.True(message.IsIntegrityValid(StunKey.LongTermSha256(_matrix, "example.org", "TheMatrIX")));
        Assert.False(message.IsIntegrityValid(StunKey.LongTerm(_matrix, "example.org", "TheMatrIX")));
    }

    [Fact]
    public void What_is_written_is_the_sample_answer()
    {
        Assert.True(StunMessage.TryParse(_answer4, out var sample));
        var writer = new StunWriter(new byte[StunWriter.UsualRoom], StunClass.Success, StunMethod.Binding, sample.Transaction);

        // The sample pads its text with a space, which is free to choose; this text has that space of its own.
        writer.Add(StunAttribute.Software, "test vector "u8);
        writer.Add(StunAttribute.XorMappedAddress, TransportAddress.Parse("192.0.2.1:32853"));

        Assert.Equal(_answer4.AsSpan(36, 12).ToArray(), writer.Written.Slice(36, 12).ToArray());
        Assert.Equal(_answer4.AsSpan(4, 16).ToArray(), writer.Written.Slice(4, 16).ToArray());
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal));
}

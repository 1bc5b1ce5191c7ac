using System.Text;
using Parley.Protocol.Stun;
using Parley.Testing;

namespace Parley.Tests.Stun;

public sealed class StunMessageTests
{
    private static readonly StunTransactionId _transaction = StunTransactionId.Make(SeededRandom.Source(1));
    private static readonly byte[] _key = StunKey.ShortTerm("secret");

    [Theory]
    [InlineData(StunClass.Request, StunMethod.Binding)]
    [InlineData(StunClass.Error, StunMethod.Allocate)]
    [InlineData(StunClass.Indication, StunMethod.Data)]
    [InlineData(StunClass.Success, (StunMethod)0xFF)]
    public void Type_and_transaction_come_back(StunClass kind, StunMethod method)
    {
        var writer = new StunWriter(new byte[64], kind, method, _transaction);

        Assert.True(StunMessage.TryParse(writer.Written, out var message));

        Assert.Equal((kind, method, _transaction), (message.Class, message.Method, message.Transaction));
    }

    [Theory]
    [InlineData("192.0.2.1:1")]
    [InlineData("[2001:db8::9]:65535")]
    public void Masked_addresses_come_back(string text)
    {
        var writer = new StunWriter(new byte[128], StunClass.Success, StunMethod.Allocate, _transaction);
        writer.Add(StunAttribute.XorRelayedAddress, TransportAddress.Parse(text));
        writer.Add(StunAttribute.MappedAddress, TransportAddress.Parse(text));

        Assert.True(StunMessage.TryParse(writer.Written, out var message));

        Assert.True(message.TryGetAddress(StunAttribute.XorRelayedAddress, out var masked));
        Assert.True(message.TryGetAddress(StunAttribute.MappedAddress, out var plain));
        Assert.Equal((text, text), (masked.ToString(), plain.ToString()));
    }

    [Fact]
    public void What_stands_behind_the_integrity_is_not_seen()
    {
        var writer = new StunWriter(new byte[256], StunClass.Request, StunMethod.Binding, _transaction);
        writer.Add(StunAttribute.Username, "a:b");
        writer.AddIntegrity(_key);
        writer.Add(StunAttribute.UseCandidate, []);

        Assert.True(StunMessage.TryParse(writer.Written, out var message));

        Assert.True(message.IsIntegrityValid(_key));
        Assert.False(message.Has(StunAttribute.UseCandidate));
    }

    [Fact]
    public void Of_two_integrities_the_stronger_one_must_be_right()
    {
        var writer = new StunWriter(new byte[256], StunClass.Request, StunMethod.Binding, _transaction);
        writer.AddIntegrity(_key);
        writer.AddIntegritySha256(StunKey.ShortTerm("other"));

        Assert.True(StunMessage.TryParse(writer.Written, out var message));

        Assert.False(message.IsIntegrityValid(_key));
        Assert.True(message.IsIntegrityValid(StunKey.ShortTerm("other")));
    }

    [Fact]
    public void A_wrong_fingerprint_is_no_message()
    {
        var writer = new StunWriter(new byte[256], StunClass.Request, StunMethod.Binding, _transaction);
        writer.AddFingerprint();
        var bytes = writer.Written.ToArray();
        bytes[^1] ^= 1;

        Assert.False(StunMessage.TryParse(bytes, out _));
    }

    [Fact]
    public void Errors_and_unknown_attributes_come_back()
    {
        var writer = new StunWriter(new byte[256], StunClass.Error, StunMethod.Binding, _transaction);
        writer.AddError(420, "no"u8);
        writer.AddUnknown([0x7001, 0x7002, 0x7003]);
        writer.Add((StunAttribute)0x7001, "?");

        Assert.True(StunMessage.TryParse(writer.Written, out var message));

        Assert.True(message.TryGetError(out var code, out var reason));
        Assert.Equal((420, "no"), (code, Encoding.UTF8.GetString(reason)));
        Assert.True(message.TryGet(StunAttribute.UnknownAttributes, out var unknown));
        Assert.Equal("700170027003", Convert.ToHexString(unknown));
        var seen = new ushort[4];
        Assert.Equal(1, message.UnknownRequired(seen));
        Assert.Equal(0x7001, seen[0]);
    }

    [Fact]
    public void More_attributes_than_the_limit_are_no_message()
    {
        var writer = new StunWriter(new byte[1024], StunClass.Request, StunMethod.Binding, _transaction);
        for (var count = 0; count < StunMessage.MaxAttributes; count++)
        {
            writer.Add(StunAttribute.Software, []);
        }

        Assert.True(StunMessage.TryParse(writer.Written, out _));
        writer.Add(StunAttribute.Software, []);
        Assert.False(StunMessage.TryParse(writer.Written, out _));
    }

    [Fact]
    public void Channel_data_comes_back_and_a_short_one_is_none()
    {
        var bytes = new byte[ChannelData.HeaderSize + 3];
        ChannelData.WriteHeader(bytes, 0x4001, 3);

        Assert.True(ChannelData.TryParse(bytes, out var channel, out var data));
        Assert.Equal((0x4001, 3), (channel, data.Length));
        Assert.False(ChannelData.TryParse(bytes.AsSpan(0, 6), out _, out _));
        Assert.False(ChannelData.TryParse([0x50, 0, 0, 0], out _, out _));
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        var buffer = new byte[StunWriter.UsualRoom];
        var address = TransportAddress.Parse("192.0.2.1:5000");
        Exchange();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var isRight = Exchange();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(isRight);
        Assert.Equal(0, allocated);

        bool Exchange()
        {
            var writer = new StunWriter(buffer, StunClass.Success, StunMethod.Binding, _transaction);
            writer.Add(StunAttribute.XorMappedAddress, address);
            writer.AddIntegrity(_key);
            writer.AddFingerprint();
            return StunMessage.TryParse(writer.Written, out var message)
                && message.TryGetAddress(StunAttribute.XorMappedAddress, out var seen) && seen == address && message.IsIntegrityValid(_key);
        }
    }

    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        var writer = new StunWriter(new byte[512], StunClass.Request, StunMethod.Binding, _transaction);
        writer.Add(StunAttribute.Username, "abcd:efgh");
        writer.Add(StunAttribute.XorMappedAddress, TransportAddress.Parse("[2001:db8::9]:65535"));
        writer.AddError(401, "Unauthorized"u8);
        writer.Add(StunAttribute.Priority, 5u);
        writer.AddIntegrity(_key);
        writer.AddIntegritySha256(_key);
        var good = writer.Written.ToArray();
        var unknown = new ushort[4];

        Fuzz.Run(4200, Fuzz.Count, random => random.Next(8) == 0 ? Fuzz.Bytes(random, 200) : Fuzz.Mutate(random, good), bytes =>
        {
            // Lengths are right again in half of the inputs, so that what is inside gets looked at.
            if (bytes.Length > 20 && bytes[^1] % 2 == 0)
            {
                (bytes[2], bytes[3]) = ((byte)((bytes.Length - 20) >> 8), (byte)(bytes.Length - 20));
            }

            if (!StunMessage.TryParse(bytes, out var message))
            {
                return;
            }

            foreach (var type in Enum.GetValues<StunAttribute>())
            {
                message.TryGet(type, out _);
                message.TryGetAddress(type, out _);
                message.TryGetUInt32(type, out _);
                message.TryGetUInt64(type, out _);
            }

            message.TryGetError(out _, out _);
            message.UnknownRequired(unknown);
            message.IsIntegrityValid(_key);
        });
    }
}

using System.Globalization;
using System.Net;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Outbound;

public sealed class AddressFuzzTests
{
    private static readonly OutboundPolicy _closed = new(new AddressPolicy(OutboundAllowList.None));

    private static readonly string[] _near = ["127.0.0.1", "10.0.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "172.16.9.9", "224.0.0.1"];

    [Theory]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://017700000001/")]
    [InlineData("http://127.1/")]
    [InlineData("http://127.0.0.1./")]
    [InlineData("http://0/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://[::]/")]
    [InlineData("http://2852039166/latest/meta-data/")]
    [InlineData("http://0xA9.0xFE.0xA9.0xFE/")]
    public void Every_spelling_of_a_near_address_is_refused(string url)
    {
        var refusal = Assert.Throws<ParleyException>(() => OutboundUrl.Check(new Uri(url), _closed));

        Assert.Equal(ErrorCode.OutboundRefused, refusal.Code);
    }

    [Theory]
    [InlineData("ftp://1.1.1.1/")]
    [InlineData("file:///etc/hosts")]
    [InlineData("gopher://1.1.1.1:70/")]
    [InlineData("ws://1.1.1.1/")]
    [InlineData("http://user:secret@1.1.1.1/")]
    [InlineData("http://1.1.1.1@127.0.0.1/")]
    public void Other_schemes_and_addresses_with_a_name_in_them_are_refused(string url) =>
        Assert.Throws<ParleyException>(() => OutboundUrl.Check(new Uri(url), _closed));

    [Fact]
    public void A_port_that_is_not_allowed_is_refused()
    {
        var policy = _closed with { Ports = [443] };

        OutboundUrl.Check(new Uri("https://1.1.1.1/"), policy);

        Assert.Throws<ParleyException>(() => OutboundUrl.Check(new Uri("https://1.1.1.1:22/"), policy));
    }

    [Fact]
    public void However_an_address_is_spelled_the_decision_is_its_own() =>
        Fuzz.Run(4101, Fuzz.Count, random => (Address: Four(random), Seed: random.Next()), input =>
        {
            var url = new Uri($"http://{Spell(input.Address, new Random(input.Seed))}/");
            var expected = _closed.Addresses.IsAllowed("x", input.Address);

            var refusal = Record.Exception(() => OutboundUrl.Check(url, _closed));

            Assert.True(expected == (refusal is null), $"{input.Address} as {url.OriginalString}: {refusal?.Message ?? "called"}");
        });

    [Fact]
    public void A_near_address_stays_near_inside_any_other() =>
        Fuzz.Run(4102, Fuzz.Count, random => (Address: Four(random), Shape: random.Next(8), Seed: random.Next()), input =>
        {
            var wrapped = Wrap(input.Address, input.Shape, new Random(input.Seed));

            if (!_closed.Addresses.IsAllowed("x", input.Address))
            {
                Assert.False(_closed.Addresses.IsAllowed("x", wrapped), $"{input.Address} in {wrapped}");
            }
        });

    [Fact]
    public void Any_sixteen_bytes_are_decided_and_metadata_is_never_opened() =>
        Fuzz.Run(4103, Fuzz.Count, random => Fuzz.Bytes(random, 16), bytes =>
        {
            var address = new IPAddress([.. bytes, .. new byte[16 - bytes.Length]]);
            var open = new AddressPolicy(OutboundAllowList.Parse(["::/0", "0.0.0.0/0"]));

            var kind = AddressPolicy.KindOf(address);

            Assert.Equal(kind == AddressKind.Public, _closed.Addresses.IsAllowed("x", address));
            Assert.False(kind == AddressKind.Metadata && open.IsAllowed("x", address));
        });

    private static IPAddress Four(Random random) =>
        random.Next(2) == 0 ? IPAddress.Parse(_near[random.Next(_near.Length)]) : new IPAddress([(byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)]);

    private static string Spell(IPAddress address, Random random)
    {
        var bytes = address.GetAddressBytes();
        var parts = random.Next(1, 5);
        var values = bytes[..(parts - 1)].Select(one => (long)one).Append(bytes[(parts - 1)..].Aggregate(0L, (sum, one) => (sum << 8) | one));
        return string.Join('.', values.Select(value => random.Next(3) switch
        {
            0 => value.ToString(CultureInfo.InvariantCulture),
            1 => "0x" + value.ToString(random.Next(2) == 0 ? "x" : "X8", CultureInfo.InvariantCulture),
            _ => "0" + Convert.ToString(value, 8),
        }));
    }

    private static IPAddress Wrap(IPAddress address, int shape, Random random)
    {
        var four = address.GetAddressBytes();
        var bytes = new byte[16];
        switch (shape)
        {
            case 0:
                return address.MapToIPv6();
            case 1:
                new byte[] { 0, 0x64, 0xff, 0x9b }.CopyTo(bytes, 0);
                break;
            case 2:
                new byte[] { 0, 0x64, 0xff, 0x9b, 0, 1 }.CopyTo(bytes, 0);
                break;
            case 3:
                bytes[8] = bytes[9] = 0xff;
                break;
            case 4:
                random.NextBytes(bytes);
                new byte[] { 0x20, 0x02 }.CopyTo(bytes, 0);
                four.CopyTo(bytes, 2);
                return new IPAddress(bytes);
            case 5:
                random.NextBytes(bytes);
                new byte[] { 0x20, 0x01, 0, 0 }.CopyTo(bytes, 0);
                four.Select(one => (byte)~one).ToArray().CopyTo(bytes, 12);
                return new IPAddress(bytes);
            case 6:
                random.NextBytes(bytes);
                bytes[0] = 0x26;
                new byte[] { (byte)(random.Next(2) * 2), 0, 0x5e, 0xfe }.CopyTo(bytes, 8);
                break;
        }

        four.CopyTo(bytes, 12);
        return new IPAddress(bytes);
    }
}

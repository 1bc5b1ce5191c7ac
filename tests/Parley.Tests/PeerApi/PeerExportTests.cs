using Parley.Client.PeerApi.Entries;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Tests.PeerApi;

public sealed class PeerExportTests : IDisposable
{
    private readonly PeerTestKeys _keys = new();

    [Theory]
    [InlineData("", 3100)]
    [InlineData("a b/c", 3100)]
    [InlineData("192.0.2.7", 0)]
    [InlineData("192.0.2.7", 99999)]
    public void An_address_that_the_other_side_would_refuse_is_not_handed_over(string host, int port)
    {
        var refusal = Assert.Throws<ParleyException>(() => PeerExport.Of(Entry(host, port), null));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public void A_key_that_is_none_is_refused_also_beside_a_token_by_reference()
    {
        var export = PeerExport.Of(Entry("192.0.2.7", 3100), null);
        const string File = """{"self":{"name":"alpha"},"peers":{"beta":{"token":"{{env.SECRET}}"}}}""";

        Assert.Equal("beta", PeerExport.Add(File, export, replaces: true, DateTimeOffset.UnixEpoch).Name);
        var refusal = Assert.Throws<ParleyException>(() => PeerExport.Add(File, export.Replace("\"verifyKey\": \"", "\"verifyKey\": \"{{file.identity.key}}", StringComparison.Ordinal), replaces: true, DateTimeOffset.UnixEpoch));
        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public void An_old_certificate_of_an_export_counts_for_90_days_at_most()
    {
        var (keys, now) = (Entry("192.0.2.7", 3100), DateTimeOffset.UnixEpoch.AddYears(50));
        var export = PeerExport.Of(keys with { OldPin = keys.Pin, OldPinUntil = now.AddYears(9) }, null);

        var (text, _) = PeerExport.Add("""{"self":{"name":"alpha"}}""", export, replaces: false, now);

        Assert.Contains($"\"oldUntil\": {now.AddDays(90).ToUnixTimeSeconds()}", text, StringComparison.Ordinal);
    }

    public void Dispose() => _keys.Dispose();

    private PeerEntry Entry(string host, int port) =>
        new("beta", host, port, CertificatePin.OfKeyHash(new byte[32]), PeerProfile.JwtEddsa) { VerifyKey = _keys.Beta.PublicKey.ToArray() };
}

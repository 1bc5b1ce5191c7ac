using Parley.Crypto.OpenSsl;

namespace Parley.Tests.Crypto;

public sealed class SslErrorTests
{
    private const long SslLibrary = 20L << 23;
    private const long OtherLibrary = 4L << 23;

    [Fact]
    public void A_reason_of_libssl_is_a_reason() => Assert.Equal(new SslError(134, null), SslError.Of(SslLibrary | 134));

    [Theory]
    [InlineData(999)]
    [InlineData(1256)]
    public void Beside_the_alerts_are_reasons(int reason) => Assert.Equal(new SslError(reason, null), SslError.Of(SslLibrary | (long)reason));

    [Theory]
    [InlineData(0)]
    [InlineData(48)]
    [InlineData(255)]
    public void A_received_alert_is_its_own_number(int number) => Assert.Equal(new SslError(0, number), SslError.Of(SslLibrary | (1000 + (long)number)));

    [Theory]
    [InlineData(0)]
    [InlineData(OtherLibrary | 134)]
    [InlineData(OtherLibrary | 1048)]
    public void What_another_library_says_is_neither(long code) => Assert.Equal(default, SslError.Of(code));
}

using Parley.Client.HubLink;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Tests.HubLink;

public sealed class HubHandlerTests
{
    private static readonly SpkiPin _pin = SpkiPin.FromHash(new byte[32]);

    [Theory]
    [InlineData("http://127.0.0.1:7420")]
    [InlineData("http://127.8.8.8:7420")]
    [InlineData("http://[::1]:7420")]
    [InlineData("http://localhost:7420")]
    public void Plain_HTTP_to_this_machine_is_allowed_and_never_goes_through_a_proxy(string address)
    {
        using var handler = HubHandler.Make(new Uri(address), null, new HubKeySeen());

        Assert.False(handler.UseProxy);
    }

    [Theory]
    [InlineData("http://hub.example:7420")]
    [InlineData("http://10.0.0.1:7420")]
    [InlineData("http://127.0.0.1.example:7420")]
    [InlineData("http://localhost.example:7420")]
    public void Plain_HTTP_to_another_machine_is_refused_unless_it_was_allowed(string address)
    {
        var refusal = Assert.Throws<ParleyException>(() => HubHandler.Make(new Uri(address), null, new HubKeySeen()));

        using var allowed = HubHandler.Make(new Uri(address), null, new HubKeySeen(), allowInsecure: true);
        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
        Assert.Contains("--insecure-http", refusal.Message, StringComparison.Ordinal);
        Assert.True(allowed.UseProxy);
    }

    [Theory]
    [InlineData("http://127.0.0.1:7420")]
    [InlineData("http://hub.example:7420")]
    public void A_pinned_hub_is_never_spoken_to_in_the_clear(string address)
    {
        var refusal = Assert.Throws<ParleyException>(() => HubHandler.Make(new Uri(address), _pin, new HubKeySeen(), allowInsecure: true));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public void Other_schemes_are_refused()
    {
        var refusal = Assert.Throws<ParleyException>(() => HubHandler.Make(new Uri("ftp://hub.example"), null, new HubKeySeen()));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public void Redirects_and_cookies_are_off_and_the_window_is_large()
    {
        using var handler = HubHandler.Make(new Uri("https://hub.example"), _pin, new HubKeySeen());

        Assert.False(handler.AllowAutoRedirect);
        Assert.False(handler.UseCookies);
        Assert.False(handler.EnableMultipleHttp2Connections);
        Assert.True(handler.InitialHttp2StreamWindowSize >= 1024 * 1024);
    }
}

using Parley.Hub.Pages;

namespace Parley.Tests.Hub;

public sealed class PageOriginTests
{
    [Theory]
    [InlineData("http://127.0.0.1:7420", "http", "127.0.0.1:7420", null)]
    [InlineData("http://localhost:7420", "http", "localhost:7420", null)]
    [InlineData("http://[::1]:7420", "http", "[::1]:7420", null)]
    [InlineData("https://hub.example.org", "https", "hub.example.org", null)]
    [InlineData("https://hub.example.org", "https", "HUB.example.org:443", null)]
    [InlineData("https://hub.example.org", "http", "hub.example.org", "https://hub.example.org")]
    [InlineData("https://hub.example.org:8443", "http", "hub.example.org:8443", "https://hub.example.org:8443/")]
    public void The_hubs_own_page_is_known(string origin, string scheme, string host, string? publicUrl) => Assert.True(IsOwn(origin, scheme, host, publicUrl));

    [Theory]
    [InlineData("", "http", "127.0.0.1:7420", null)]
    [InlineData("null", "http", "127.0.0.1:7420", null)]
    [InlineData("http://127.0.0.1", "http", "127.0.0.1:7420", null)]
    [InlineData("https://127.0.0.1:7420", "http", "127.0.0.1:7420", null)]
    [InlineData("http://127.0.0.1:7420/", "http", "127.0.0.1:7420", null)]
    [InlineData("http://localhost:7420", "http", "127.0.0.1:7420", null)]
    [InlineData("http://127.0.0.1:7420.evil.example", "http", "127.0.0.1:7420", null)]
    [InlineData("http://127.0.0.1:7420, http://evil.example", "http", "127.0.0.1:7420", null)]
    [InlineData("https://hub.example.org", "http", "hub.example.org", null)]
    [InlineData("https://hub.example.org", "http", "evil.example", "https://hub.example.org")]
    [InlineData("https://evil.example", "http", "evil.example", "https://hub.example.org")]
    [InlineData("http://evil.example", "http", "", null)]
    [InlineData("http://evil.example", "http", "user@evil.example", null)]
    [InlineData("file://", "file", "", null)]
    public void Any_other_page_is_not(string origin, string scheme, string host, string? publicUrl) => Assert.False(IsOwn(origin, scheme, host, publicUrl));

    private static bool IsOwn(string origin, string scheme, string host, string? publicUrl) => PageOrigin.IsOwn(origin, scheme, host, publicUrl is null ? null : new Uri(publicUrl));
}

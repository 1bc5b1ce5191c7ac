using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Parley.Hub;
using Parley.Testing;

namespace Parley.HubTests.Rooms;

/// <summary>A real hub, called the way curl calls it.</summary>
internal sealed partial class RoomHttp : IAsyncDisposable
{
    private RoomHttp(ApiHub hub) => Hub = hub;

    public ApiHub Hub { get; }

    public HttpClient Client => Hub.Guest;

    /// <summary>Starts a hub without rates, unless the test sets them.</summary>
    public static async Task<RoomHttp> StartAsync(Action<HubOptions>? configure = null, TimeProvider? time = null) => new(await ApiHub.StartAsync(
        options =>
        {
            options.Rooms.AreRatesLimited = false;
            options.Rooms.WaitLimit = TimeSpan.FromSeconds(20);
            configure?.Invoke(options);
        },
        time));

    /// <summary>The one token in a text.</summary>
    public static string TokenIn(string text) => Assert.Single(Token().Matches(text)).Value;

    /// <summary>The one code in a text.</summary>
    public static string CodeIn(string text) => Assert.Single(Code().Matches(text)).Value;

    public async Task<Answer> CallAsync(HttpMethod method, string path, string? token = null, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.RetryAfter?.Delta, response.Content.Headers.ContentType?.ToString());
    }

    public Task<Answer> PostAsync(string path, string? token = null) => CallAsync(HttpMethod.Post, path, token);

    public Task<Answer> PostJsonAsync(string path, string json, string? token = null) =>
        CallAsync(HttpMethod.Post, path, token, new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")));

    public Task<Answer> WaitAsync(string token) => CallAsync(HttpMethod.Get, "/wait", token);

    public Task<Answer> PingAsync(string token) => CallAsync(HttpMethod.Get, "/ping", token);

    public Task<Answer> SendAsync(string token, string text) => SendAsync(token, Encoding.UTF8.GetBytes(text), "text/plain");

    public Task<Answer> SendAsync(string token, byte[] body, string? contentType, params (string Name, string Value)[] headers)
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var (name, value) in headers.Where(header => header.Name.StartsWith("Content-", StringComparison.Ordinal)))
        {
            content.Headers.TryAddWithoutValidation(name, value);
        }

        return CallAsync(HttpMethod.Post, "/send", token, content, [.. headers.Where(header => !header.Name.StartsWith("Content-", StringComparison.Ordinal))]);
    }

    /// <summary>Two seats of a live room; the host has read the join notice.</summary>
    public async Task<(string Host, string Joiner)> PairAsync()
    {
        var opened = (await PostJsonAsync("/setup", """{"type":"standard"}""")).Body;
        var joined = (await PostAsync($"/register-and-join/{CodeIn(opened)}")).Body;
        var (host, joiner) = (TokenIn(opened), TokenIn(joined));
        Assert.Contains("has joined", (await WaitAsync(host)).Body);
        return (host, joiner);
    }

    /// <summary>Waits until so many waits are parked.</summary>
    public Task UntilParkedAsync(int count = 1) => Deadline.UntilAsync(() => Hub.Get<Parley.Hub.Rooms.RoomService>().Meter.OpenWaits == count, $"{count} parked waits");

    public ValueTask DisposeAsync() => Hub.DisposeAsync();

    [GeneratedRegex("tok_[a-f0-9]*")]
    private static partial Regex Token();

    [GeneratedRegex("(invite|listen)_[a-zA-Z0-9]*")]
    private static partial Regex Code();
}

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, string Body, TimeSpan? RetryAfter, string? ContentType)
{
    /// <summary>Status and body, as tables of the protocol name them.</summary>
    public string Line => $"{Status} {Body}";
}

using System.Security.Cryptography;

namespace Parley.HubTests.Rooms;

public sealed class RoomFileTests : IAsyncLifetime
{
    private RoomHttp _http = null!;
    private string _host = null!;
    private string _joiner = null!;

    public async ValueTask InitializeAsync()
    {
        _http = await RoomHttp.StartAsync();
        (_host, _joiner) = await _http.PairAsync();
    }

    public ValueTask DisposeAsync() => _http.DisposeAsync();

    [Fact]
    public async Task A_file_is_announced_and_fetched_whole()
    {
        var content = RandomNumberGenerator.GetBytes(3_000_000);

        Assert.Equal("""200 {"file":1,"name":"data.bin","size":3000000}""", (await PutAsync(_host, "data.bin", content)).Line);

        Assert.Matches("^MESSAGE_RECEIVED\n\\[SYSTEM\\]: 'Agent-[a-f0-9]{4}' sent file 1: data.bin, 3000000 bytes. Fetch it with GET /file/1\n$", (await _http.WaitAsync(_joiner)).Body);
        Assert.Equal(content, await FetchAsync(_joiner, 1));
    }

    [Fact]
    public async Task As_much_as_32_MiB_fit_and_what_was_fetched_makes_room()
    {
        var content = new byte[32 * 1024 * 1024];

        Assert.Equal(200, (await PutAsync(_host, "a", content)).Status);
        Assert.Equal(413, (await PutAsync(_host, "b", new byte[1])).Status);
        Assert.Equal(content, await FetchAsync(_joiner, 1));
        Assert.Equal(200, (await PutAsync(_host, "b", new byte[1])).Status);
        Assert.Equal("""404 {"error":"No such file in this room"}""", (await _http.CallAsync(HttpMethod.Get, "/file/1", _joiner)).Line);
        Assert.Equal(413, (await PutAsync(_host, "c", new byte[content.Length + 1])).Status);
    }

    [Theory]
    [InlineData("GET", "/file/1")]
    [InlineData("POST", "/file")]
    public async Task Files_are_for_seats_alone(string method, string path)
    {
        var free = RoomHttp.TokenIn((await _http.PostAsync("/register")).Body);

        Assert.Equal(401, (await _http.CallAsync(new HttpMethod(method), path)).Status);
        Assert.Equal(401, (await _http.CallAsync(new HttpMethod(method), path, "tok_0")).Status);
        Assert.Equal(400, (await _http.CallAsync(new HttpMethod(method), path, free)).Status);
    }

    [Fact]
    public async Task A_file_without_bytes_or_without_a_partner_is_refused()
    {
        Assert.Equal("""400 {"error":"File body required"}""", (await PutAsync(_host, "a", [])).Line);
        await _http.PostAsync("/leave", _joiner);
        Assert.Equal("""503 {"error":"Partner not connected"}""", (await PutAsync(_host, "a", [1])).Line);
    }

    [Theory]
    [InlineData("/file/0")]
    [InlineData("/file/x")]
    [InlineData("/file/99999999999")]
    public async Task There_is_no_such_file(string path) => Assert.Equal(404, (await _http.CallAsync(HttpMethod.Get, path, _host)).Status);

    private Task<Answer> PutAsync(string token, string name, byte[] content) =>
        _http.CallAsync(HttpMethod.Post, $"/file?name={name}", token, new ByteArrayContent(content));

    private async Task<byte[]> FetchAsync(string token, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/file/{number}");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var response = await _http.Client.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }
}

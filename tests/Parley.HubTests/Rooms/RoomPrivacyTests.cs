using System.Text;
using Parley.Hub.Rooms;
using Parley.Protocol.Messaging;

namespace Parley.HubTests.Rooms;

/// <summary>A marker goes through everything that rooms do; afterwards it, the tokens and the codes are looked for wherever they must not be.</summary>
public sealed class RoomPrivacyTests
{
    private const string Marker = "marker-7f3a91c2-room";

    [Fact]
    public async Task No_content_token_or_code_reaches_logs_metrics_or_the_disk()
    {
        await using var http = await RoomHttp.StartAsync(options => options.TrustedProxies = ["127.0.0.1"]);
        var opened = (await http.CallAsync(HttpMethod.Post, "/setup", null, new StringContent("""{"type":"standard"}""", Encoding.UTF8, "application/json"), ("X-Forwarded-For", "203.0.113.77"))).Body;
        var (host, code) = (RoomHttp.TokenIn(opened), RoomHttp.CodeIn(opened));
        var joiner = RoomHttp.TokenIn((await http.PostAsync($"/register-and-join/{code}")).Body);
        await http.WaitAsync(host);

        await http.SendAsync(host, Marker + " [OVER]");
        await http.SendAsync(joiner, Encoding.UTF8.GetBytes(Marker), "text/plain; charset=klingon");
        await http.CallAsync(HttpMethod.Post, $"/file?name={Marker}", host, new StringContent(Marker));
        await http.WaitAsync(joiner);
        await http.PostJsonAsync("/setup", "{" + Marker);
        await http.PostJsonAsync("/admin/invalidate", $$"""{"token":"{{Marker}}"}""", http.Hub.AdminKey);
        await http.PostAsync($"/register-and-join/{Marker}");
        for (var number = 0; number < 8; number++)
        {
            await http.SendAsync(joiner, Marker);
        }

        using (var gone = await RawClient.ConnectAsync(http.Hub.Hub.Http))
        {
            await gone.RequestAsync("GET", "/wait", joiner);
            gone.Vanish();
        }

        await http.PostAsync("/leave", host);
        var metrics = await http.Hub.Admin.GetStringAsync("/metrics");
        string[] traces = [http.Hub.Log.ToString(), metrics, .. FilesOf(http.Hub.DataFolder)];

        Assert.Contains("parley_rooms_loops_total 1", metrics);
        var roomName = System.Text.RegularExpressions.Regex.Match(opened, "room_[a-f0-9]+").Value;
        foreach (var secret in new[] { Marker, host, joiner, code, host[4..], code[7..], roomName, "203.0.113.77" })
        {
            Assert.DoesNotContain(traces, trace => trace.Contains(secret, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Nothing_prints_content()
    {
        var item = new RoomItem(RoomItemKind.Message, new Body(Encoding.UTF8.GetBytes(Marker)), Marker);
        var file = new RoomFile(1, Marker, new Body(Encoding.UTF8.GetBytes(Marker)), SeatRole.Host);

        Assert.DoesNotContain(new object[] { item, file, new RoomDelivery(item, null), item.Body }, thing => thing.ToString()!.Contains(Marker, StringComparison.Ordinal));
    }

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path =>
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file, Encoding.Latin1);
            return path + reader.ReadToEnd();
        });
}

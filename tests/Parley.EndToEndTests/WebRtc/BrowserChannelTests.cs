using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Testing;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sdp;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>Our connection and a page in headless Chromium, over loopback; the page's own addresses stay hidden behind mDNS names.</summary>
public sealed class BrowserChannelTests
{
    private const int Total = 20_000_000;

    private const string Page = """
        <!doctype html><meta charset="utf-8"><script type="module">
        const hex = async (bytes) => [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((one) => one.toString(16).padStart(2, '0')).join('');
        const post = async (path, body) => (await fetch(path, { method: 'POST', body })).text();
        const connection = new RTCPeerConnection();
        const channel = connection.createDataChannel('page');
        connection.onicecandidate = (happened) => happened.candidate?.candidate && post('/candidate', happened.candidate.candidate);
        const sent = new Uint8Array(TOTAL);
        for (let at = 0; at < sent.length; at += 65536) {
          crypto.getRandomValues(sent.subarray(at, Math.min(at + 65536, sent.length)));
        }
        channel.onopen = async () => {
          for (let at = 0; at < sent.length; at += 65536) {
            while (channel.bufferedAmount > 4 << 20) {
              await new Promise((resolve) => setTimeout(resolve, 1));
            }
            channel.send(sent.subarray(at, Math.min(at + 65536, sent.length)));
          }
          channel.send('done');
        };
        connection.ondatachannel = ({ channel: theirs }) => {
          const parts = [];
          theirs.binaryType = 'arraybuffer';
          theirs.onmessage = async ({ data }) => {
            if (typeof data !== 'string') {
              parts.push(data);
              return;
            }
            const received = new Uint8Array(await new Blob(parts).arrayBuffer());
            await post('/result', JSON.stringify({ received: received.length, sha256: await hex(received), sent: await hex(sent), largest: connection.sctp.maxMessageSize }));
          };
          theirs.onclose = () => post('/closed', theirs.label);
        };
        await connection.setLocalDescription();
        await connection.setRemoteDescription({ type: 'answer', sdp: await post('/offer', connection.localDescription.sdp) });
        </script>
        """;

    private readonly TaskCompletionSource<JsonElement> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Twenty_megabytes_go_each_way_between_us_and_a_browser()
    {
        var chromium = Requires.Program("chromium");
        using var host = new UdpPeerHost(IceRole.Controlled);
        using var folder = new TempFolder();
        using var site = new HttpListener();
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}/";
        site.Prefixes.Add(address);
        site.Start();
        var serving = Task.Run(() => ServeAsync(site, host), TestContext.Current.CancellationToken);
        await using var browser = RealProcess.Start(
            chromium,
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--allow-loopback-in-peer-connection", $"--user-data-dir={folder.FullPath}", address]);

        await Deadline.UntilAsync(() => host.State == PeerConnectionState.Connected, host.Describe);
        var channel = await host.AskAsync((connection, now) => connection.OpenChannel(new DataChannelOptions { Label = "parley" }, now));
        await host.ChannelAsync("parley");
        var content = RandomNumberGenerator.GetBytes(Total);
        foreach (var message in content.Chunk(100_000))
        {
            host.Say(channel, message);
        }

        host.Say(channel, "done"u8.ToArray(), isText: true);
        var result = await _result.Task.WaitAsync(Deadline.Shared, TimeProvider.System, TestContext.Current.CancellationToken);
        await Deadline.UntilAsync(() => host.Texts.Contains("done"), host.Describe);

        Assert.Equal(Total, result.GetProperty("received").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), result.GetProperty("sha256").GetString());
        Assert.Equal(result.GetProperty("sent").GetString(), await host.HashAsync());
        Assert.Equal(262_144, result.GetProperty("largest").GetInt32());
        host.Call((connection, now) => connection.Close(now));
        await _closed.Task.WaitAsync(Deadline.Shared, TimeProvider.System, TestContext.Current.CancellationToken);
        site.Stop();
        await serving;
    }

    private async Task ServeAsync(HttpListener site, UdpPeerHost host)
    {
        while (site.IsListening)
        {
            try
            {
                var context = await site.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                var answer = await AnswerAsync(context.Request.Url!.AbsolutePath, await reader.ReadToEndAsync(), host);
                context.Response.ContentType = "text/html";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task<string> AnswerAsync(string path, string body, UdpPeerHost host)
    {
        switch (path)
        {
            case "/":
                return Page.Replace("TOTAL", $"{Total}", StringComparison.Ordinal);
            case "/offer":
                Assert.True(SdpReader.TryRead(body, out var offer, out var reason), reason);
                return await host.AskAsync((connection, now) => connection.AcceptOffer(offer, now).ToString());
            case "/candidate" when IceCandidate.TryParse(body, out var candidate, out _):
                host.Call((connection, now) => connection.AddRemoteCandidate(candidate, now));
                break;
            case "/result":
                _result.TrySetResult(JsonDocument.Parse(body).RootElement);
                break;
            case "/closed":
                _closed.TrySetResult();
                break;
        }

        return string.Empty;
    }
}

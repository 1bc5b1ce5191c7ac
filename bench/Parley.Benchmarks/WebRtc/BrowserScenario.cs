using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Scenarios;

namespace Parley.Benchmarks.WebRtc;

/// <summary>A data channel between headless Chromium and each stack, both ways.</summary>
internal sealed class BrowserScenario : IScenario
{
    private const string Chromium = "chromium";
    private const string Page = "webrtc-browser.html";
    private const int Datagram = 1200;
    private const int Attempts = 5;
    private static readonly TimeSpan _start = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public string Name => "webrtc-browser";

    /// <inheritdoc/>
    public string Reference => PairProcess.Other;

    /// <inheritdoc/>
    public string Explanation =>
        $"One data channel over loopback between a page in headless Chromium and each stack, 64 KiB messages one way, datagrams of {Datagram} bytes from the stack; whoever receives counts, after a second; runs in which nothing moved are told and done again. "
        + "Processors are those of the stack's own process, Chromium's are not counted. `--node FOLDER` names the other stack's packages.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        string[] peers = context.Options.NodeFolder is null ? [PairProcess.Ours] : [PairProcess.Other, PairProcess.Ours];
        var cases = (from isToBrowser in (bool[])[false, true] from peer in peers select (Peer: peer, IsToBrowser: isToBrowser)).ToArray();
        var results = cases.Select(_ => new List<(double Rate, double Cpu)>()).ToArray();
        for (var run = 1; run <= context.Options.Runs; run++)
        {
            for (var index = 0; index < cases.Length; index++)
            {
                var result = await RunUntilMovedAsync(cases[index].Peer, cases[index].IsToBrowser, context, cancellationToken);
                context.Say(FormattableString.Invariant($"run {run} {What(cases[index].IsToBrowser)}, {cases[index].Peer}: {result.Rate:0.0} MB/s, {result.Cpu:0.00} processors"));
                results[index].Add(result);
            }
        }

        return
        [
            .. cases.Select((one, index) => new Measurement(What(one.IsToBrowser), one.Peer, "MB/s", Summary.Of([.. results[index].Select(result => result.Rate)]))),
            .. cases.Select((one, index) => new Measurement($"{What(one.IsToBrowser)}, per processor", one.Peer, "MB/s", Summary.Of([.. results[index].Select(result => result.Rate / Math.Max(0.01, result.Cpu))]))),
        ];
    }

    /// <summary>Now and then Chromium sends one burst and then nothing; such a run says nothing of rates.</summary>
    private static async Task<(double Rate, double Cpu)> RunUntilMovedAsync(string peer, bool isToBrowser, BenchContext context, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await RunAsync(peer, isToBrowser, context, cancellationToken);
            if (result.Rate > 0 || attempt == Attempts)
            {
                return result;
            }

            context.Say($"{What(isToBrowser)}, {peer}: stood still, again");
        }
    }

    private static string What(bool isToBrowser) => isToBrowser ? "to Chromium" : "from Chromium";

    private static async Task<(double Rate, double Cpu)> RunAsync(string peer, bool isToBrowser, BenchContext context, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(context.Options.RunLength + _start);
        var seconds = context.Options.RunLength.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        using var end = PairProcess.Start(peer, ParleyEnd.Verb, [seconds, $"{Datagram}", isToBrowser ? "send" : "receive"], context.Options.NodeFolder);
        using var site = new HttpListener();
        var address = Open(site);
        var rate = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = ServeAsync(site, end, rate);
        var profile = Directory.CreateTempSubdirectory("parley-bench-");
        using var browser = StartBrowser(profile.FullName, $"{address}?does={(isToBrowser ? "receive" : "send")}&seconds={seconds}");
        try
        {
            await serving.WaitAsync(limit.Token);
            var line = await end.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException($"{peer} ended without a result.");
            var said = line.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
            return (isToBrowser ? await rate.Task.WaitAsync(limit.Token) : said[0], said[1]);
        }
        finally
        {
            await PairProcess.EndAsync(end);
            await PairProcess.EndAsync(browser);
            site.Stop();
            profile.Delete(recursive: true);
        }
    }

    private static string Open(HttpListener site)
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        probe.Stop();
        site.Prefixes.Add(address);
        site.Start();
        return address;
    }

    private static Process StartBrowser(string profile, string address) =>
        Process.Start(new ProcessStartInfo(Chromium, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--allow-loopback-in-peer-connection", $"--user-data-dir={profile}", address])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException($"{Chromium} did not start.");

    /// <summary>Ends once the page has the answer to its offer; what the page counted comes later.</summary>
    private static async Task ServeAsync(HttpListener site, Process end, TaskCompletionSource<double> rate)
    {
        var isAnswered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    await AnswerAsync(await site.GetContextAsync(), end, rate, isAnswered);
                }
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // The run is over.
            }
            catch (Exception exception) when (isAnswered.TrySetException(exception))
            {
                // Told to whoever waits.
            }
        });
        await isAnswered.Task;
    }

    private static async Task AnswerAsync(HttpListenerContext context, Process end, TaskCompletionSource<double> rate, TaskCompletionSource isAnswered)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        var (body, answer) = (await reader.ReadToEndAsync(), string.Empty);
        switch (context.Request.Url!.AbsolutePath)
        {
            case "/":
                context.Response.ContentType = "text/html";
                answer = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, Page));
                break;
            case "/offer":
                await end.StandardInput.WriteLineAsync(JsonSerializer.Serialize(body));
                await end.StandardInput.FlushAsync();
                answer = JsonSerializer.Deserialize<string>(await end.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The end ended without an answer."))!;
                break;
            case "/rate":
                rate.TrySetResult(double.Parse(body, CultureInfo.InvariantCulture));
                break;
            default:
                context.Response.StatusCode = (int)HttpStatusCode.NotFound;
                break;
        }

        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
        context.Response.Close();
        if (context.Request.Url.AbsolutePath == "/offer")
        {
            isAnswered.TrySetResult();
        }
    }
}

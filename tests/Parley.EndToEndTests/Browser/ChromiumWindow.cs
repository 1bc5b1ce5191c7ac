using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Parley.Testing;

namespace Parley.EndToEndTests.Browser;

/// <summary>A headless Chromium with one page, camera and microphone that it makes up itself, and a line to its inside.</summary>
internal sealed class ChromiumWindow : IAsyncDisposable
{
    private static readonly JsonSerializerOptions _withoutNulls = new() { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private readonly RealProcess _process;
    private readonly TempFolder _profile;
    private readonly ClientWebSocket _tools;
    private int _calls;

    private ChromiumWindow(RealProcess process, TempFolder profile, ClientWebSocket tools) => (_process, _profile, _tools) = (process, profile, tools);

    /// <summary>Opens an address; skips the test where there is no Chromium.</summary>
    /// <param name="address">The address.</param>
    /// <param name="cancellationToken">The test's.</param>
    /// <param name="script">Runs before any script of the page.</param>
    public static async Task<ChromiumWindow> OpenAsync(string address, CancellationToken cancellationToken, string? script = null)
    {
        Requires.Program("chromium");
        var profile = new TempFolder();

        // The address stays out of the command line, as it does when a person opens it.
        var process = RealProcess.Start(
            "chromium",
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--mute-audio",
                "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required",
                "--window-size=900,700", "--remote-debugging-port=0", $"--user-data-dir={profile.FullPath}", "about:blank",
            ],
            new Dictionary<string, string?>());
        var portFile = profile.PathOf("DevToolsActivePort");
        await Deadline.UntilAsync(() => File.Exists(portFile) && File.ReadAllLines(portFile).Length > 1, "Chromium's port");
        var port = (await File.ReadAllLinesAsync(portFile, cancellationToken))[0];
        using var http = new HttpClient();
        Uri? page = null;
        await Deadline.UntilAsync(async () => (page = await FindPageAsync(http, port, cancellationToken)) is not null, "Chromium's first page");
        var tools = new ClientWebSocket();
        await tools.ConnectAsync(page!, cancellationToken);
        var window = new ChromiumWindow(process, profile, tools);
        if (script is not null)
        {
            await window.CallAsync("Page.enable", "{}", cancellationToken);
            await window.CallAsync("Page.addScriptToEvaluateOnNewDocument", $$"""{"source":{{JsonSerializer.Serialize(script)}}}""", cancellationToken);
        }

        await window.CallAsync("Page.navigate", $$"""{"url":{{JsonSerializer.Serialize(address)}}}""", cancellationToken);
        return window;
    }

    /// <summary>The value of an expression in the page, as text.</summary>
    public async Task<string> EvaluateAsync(string expression, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("Runtime.evaluate", $$"""{"expression":{{JsonSerializer.Serialize(expression)}},"awaitPromise":true,"returnByValue":true}""", cancellationToken);
        return answer.GetProperty("result").GetProperty("result").TryGetProperty("value", out var value) ? value.ToString() : string.Empty;
    }

    /// <summary>Waits until an expression is true in the page.</summary>
    public Task WaitForAsync(string expression, CancellationToken cancellationToken) =>
        Deadline.UntilAsync(async () => await EvaluateAsync($"Boolean({expression})", cancellationToken) == bool.TrueString, expression);

    /// <summary>Clicks what a selector names, as a person would: browsers show a screen to nobody else.</summary>
    public Task ClickAsync(string selector, CancellationToken cancellationToken) =>
        CallAsync("Runtime.evaluate", $$"""{"expression":{{JsonSerializer.Serialize($"document.querySelector({JsonSerializer.Serialize(selector)}).click()")}},"userGesture":true}""", cancellationToken);

    /// <summary>Puts a file into an input, as its user would choose it.</summary>
    public async Task ChooseAsync(string selector, string file, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("Runtime.evaluate", $$"""{"expression":{{JsonSerializer.Serialize($"document.querySelector({JsonSerializer.Serialize(selector)})")}}}""", cancellationToken);
        var input = answer.GetProperty("result").GetProperty("result").GetProperty("objectId").GetString();
        await CallAsync("DOM.setFileInputFiles", JsonSerializer.Serialize(new { files = (string[])[file], objectId = input }), cancellationToken);
    }

    /// <summary>Has downloads go to a folder without asking.</summary>
    public Task DownloadToAsync(string folder, CancellationToken cancellationToken) =>
        CallAsync("Browser.setDownloadBehavior", JsonSerializer.Serialize(new { behavior = "allow", downloadPath = folder }), cancellationToken);

    /// <summary>Presses a key.</summary>
    public async Task PressAsync(string key, int code, CancellationToken cancellationToken)
    {
        var text = key == "Enter" ? "\r" : null;
        foreach (var type in (string[])["keyDown", "keyUp"])
        {
            await CallAsync("Input.dispatchKeyEvent", JsonSerializer.Serialize(new { type, key, code = key, windowsVirtualKeyCode = code, text = type == "keyDown" ? text : null }, _withoutNulls), cancellationToken);
        }
    }

    /// <summary>Types a text where the focus is.</summary>
    public Task TypeAsync(string text, CancellationToken cancellationToken) => CallAsync("Input.insertText", JsonSerializer.Serialize(new { text }), cancellationToken);

    /// <summary>Makes the window a phone's.</summary>
    public Task BecomePhoneAsync(int width, int height, CancellationToken cancellationToken) =>
        CallAsync("Emulation.setDeviceMetricsOverride", JsonSerializer.Serialize(new { width, height, deviceScaleFactor = 2, mobile = true }), cancellationToken);

    /// <summary>Keeps a picture of the page.</summary>
    public async Task CaptureAsync(string file, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("Page.captureScreenshot", """{"format":"png"}""", cancellationToken);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, answer.GetProperty("result").GetProperty("data").GetBytesFromBase64(), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _tools.Dispose();
        await _process.DisposeAsync();
        _profile.Dispose();
    }

    /// <summary>Where the first page listens; null while there is none: the port is open before.</summary>
    private static async Task<Uri?> FindPageAsync(HttpClient http, string port, CancellationToken cancellationToken)
    {
        using var pages = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/json/list"), cancellationToken));
        var page = pages.RootElement.EnumerateArray().FirstOrDefault(static one => one.GetProperty("type").GetString() == "page");
        return page.ValueKind == JsonValueKind.Undefined ? null : new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!);
    }

    private async Task<JsonElement> CallAsync(string method, string parameters, CancellationToken cancellationToken)
    {
        var id = ++_calls;
        await _tools.SendAsync(Encoding.UTF8.GetBytes($$"""{"id":{{id}},"method":"{{method}}","params":{{parameters}}}"""), WebSocketMessageType.Text, true, cancellationToken);
        var buffer = new byte[1 << 16];
        while (true)
        {
            using var message = new MemoryStream();
            ValueWebSocketReceiveResult piece;
            do
            {
                piece = await _tools.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                message.Write(buffer, 0, piece.Count);
            }
            while (!piece.EndOfMessage);
            using var document = JsonDocument.Parse(message.ToArray());
            if (document.RootElement.TryGetProperty("id", out var answered) && answered.GetInt32() == id)
            {
                return document.RootElement.Clone();
            }
        }
    }
}

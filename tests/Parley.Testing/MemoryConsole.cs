namespace Parley.Testing;

/// <summary>Two streams that stand for a console's output and error.</summary>
public sealed class MemoryConsole : IDisposable
{
    /// <summary>Standard output.</summary>
    public MemoryStream Output { get; } = new();

    /// <summary>Standard error.</summary>
    public MemoryStream Error { get; } = new();

    /// <summary>Standard output as text.</summary>
    public string OutputText => System.Text.Encoding.UTF8.GetString(Output.ToArray());

    /// <summary>Standard error as text.</summary>
    public string ErrorText => System.Text.Encoding.UTF8.GetString(Error.ToArray());

    /// <inheritdoc/>
    public void Dispose()
    {
        Output.Dispose();
        Error.Dispose();
    }
}

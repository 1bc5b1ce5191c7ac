using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Paths;

/// <summary>All paths of one manifest: none twice, also where a system takes two spellings for one name, none below a file, and folders before what is in them.</summary>
internal sealed class PathTable(TransferLimits limits)
{
    private readonly Dictionary<string, bool> _isFolder = new(StringComparer.Ordinal);
    private string _lastFolder = string.Empty;

    /// <summary>Takes the next entry.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TransferPath"/>.</exception>
    public void Add(string path, bool isFolder, int entry)
    {
        SafePath.Check(path, entry, limits);
        var folded = Fold(path);
        CheckFolders(folded, entry);
        if (!_isFolder.TryAdd(folded, isFolder))
        {
            throw new ParleyException(ErrorCode.TransferPath, $"The name of entry {entry} is that of another one, on some system or on all.");
        }
    }

    /// <summary>One spelling for names that some system takes for the same.</summary>
    public static string Fold(string path) => Nfc.Of(Nfc.Of(path).ToUpperInvariant().ToLowerInvariant().Replace('\u017f', 's'));

    private void CheckFolders(string folded, int entry)
    {
        var slash = folded.LastIndexOf('/');
        if (slash < 0 || (slash == _lastFolder.Length && folded.StartsWith(_lastFolder, StringComparison.Ordinal)))
        {
            return;
        }

        if (!_isFolder.TryGetValue(folded[..slash], out var isFolder) || !isFolder)
        {
            throw new ParleyException(ErrorCode.TransferPath, $"The name of entry {entry} lies in a folder that was not announced.");
        }

        _lastFolder = folded[..slash];
    }
}

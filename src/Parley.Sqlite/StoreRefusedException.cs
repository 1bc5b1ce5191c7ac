namespace Parley.Sqlite;

/// <summary>The file must not be opened by this program: its schema is newer, its mode lets others read it, or it is no database of ours. The message says what to do.</summary>
public sealed class StoreRefusedException : Exception
{
    internal StoreRefusedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
